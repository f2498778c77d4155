"""The structure of a notice: who it addresses, where its sentences stand, who signed it and when."""

from obligations.structure.names import distributed
from obligations.structure.parts import Contacts, Heading, Part, Sentence, Structure
from obligations.structure.reading import read_structure

__all__ = ["Contacts", "Heading", "Part", "Sentence", "Structure", "distributed", "read_structure"]
