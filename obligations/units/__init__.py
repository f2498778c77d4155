"""Responsible units (责任单位): the directory, and which of its units the words of a notice mean."""

from obligations.units.directory import Area, Directory, Unit
from obligations.units.loading import load_directory, packaged_directory, packaged_directory_file
from obligations.units.resolution import Note, Resolution, resolve

__all__ = [
    "Area",
    "Directory",
    "Note",
    "Resolution",
    "Unit",
    "load_directory",
    "packaged_directory",
    "packaged_directory_file",
    "resolve",
]
