"""Exits 0 when the service on this machine answers that it is ready; the container's HEALTHCHECK."""

import os
import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('DUBAN_PORT', '8765')}/readyz", timeout=5) as answer:
        sys.exit(answer.status != 200)
except OSError as error:
    sys.exit(f"not ready: {error}")
