"""Runs every measurement of this folder, one after the other, and prints a line for each."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(only: list[str]) -> None:
    """Print name, figure and meaning of each measurement; `only` names modules to run instead of all."""
    for module in sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)])):
        if module == "__main__" or (only and module not in only):
            continue
        for name, figure, meaning in importlib.import_module(f"bench.{module}").run():
            sys.stdout.write(f"{figure:10.2f}  {name}\n{'':12}{meaning}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
