"""Real `duban serve` processes for the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Serving:
    """A running daemon; its address is known once it listens."""

    def __init__(self, data: Path, *options: str, module: str = "app.cli", **environ: str) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
        self.log = data / "log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "serve", "--data", str(data), "--port", "0", *options],
                cwd=ROOT,
                env=plain | environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        if not self.address.startswith("http://"):
            self.kill()
            raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        """End the process as a power cut would, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self._ended()

    def terminate(self) -> int:
        """Ask the process to end; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait(self) -> int:
        """Wait until the process ends by itself; return its exit status."""
        return self._ended()

    def _ended(self) -> int:
        status = self.process.wait(timeout=60)
        assert self.process.stdout
        self.process.stdout.close()
        return status


class Processes:
    """Starts daemons, and ends those that a failed test left behind."""

    def __init__(self) -> None:
        self._started: list[Serving] = []

    def serve(self, data: Path, *options: str, module: str = "app.cli", **environ: str) -> Serving:
        """Return a daemon that listens; `module` runs in place of the command."""
        self._started.append(Serving(data, *options, module=module, **environ))
        return self._started[-1]

    def close(self) -> None:
        for serving in self._started:
            serving.kill()
