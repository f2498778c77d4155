"""Whether another process of this machine serves the same data folder."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: there, what a dead process had claimed returns when its lease ends
    fcntl = None  # type: ignore[assignment] # absent is what the code below asks about


class Presence:
    """A mark on a data folder that the kernel takes away when this process ends, however it ends.

    `alone` tells whether no other process had one when this one was made.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "serving.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.alone = False
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.alone = True
        except OSError:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def share(self) -> None:
        """Let others in, once what the dead left behind is settled."""
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def close(self) -> None:
        """Take the mark away."""
        os.close(self._file)
