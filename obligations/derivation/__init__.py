"""Derivation: from a notice to its duties, each with the words it rests on."""

from obligations.derivation.deriving import derive

__all__ = ["derive"]
