"""Whom to trust: one TLS context per channel, since loading the certificates of the system is slow."""

from __future__ import annotations

import functools
import ssl

# X509_V_ERR_* of OpenSSL; its own messages may quote the host's name.
_CAUSES = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate chain ends in an unknown authority",
    20: "the certificate's issuer is unknown",
    62: "the certificate is for another name",
    64: "the certificate is for another address",
}


@functools.cache
def trusted(channel: str) -> ssl.SSLContext:
    """Return the context that all connections of `channel` share: the system's authorities, names checked, TLS 1.2 up.

    Not one for all channels: httpcore writes the protocols of HTTP into the one it is
    given (ALPN), and some mail servers hang up on a client that offers those.
    """
    return ssl.create_default_context()


def why_untrusted(error: ssl.SSLCertVerificationError) -> str:
    """Return in one sentence why a certificate was refused, without naming the host."""
    return _CAUSES.get(error.verify_code, "the certificate cannot be trusted")
