"""Real calendar programs that subscribe to an address and keep what they read, as a person has them installed.

`make clients` installs those that come from package indexes; the others are Debian packages that `.ci/run` installs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Protocol

HERE = Path(__file__).parent
ENVIRONMENT = Path(sys.prefix) / "clients"
"""The environment that vdirsyncer and khal have to themselves, as they would on a person's machine."""

SYSTEM_PYTHON = Path("/usr/bin/python3")
SECONDS = 60


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """What a program shows of one event: title, day (`YYYY-MM-DD`) and status."""

    title: str
    day: str
    status: str


class Client(Protocol):
    """A program that has subscribed; `read` fetches the address again and returns what it then shows."""

    def read(self) -> set[Shown]: ...


def _home(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which a program keeps everything below `folder`."""
    places = {name: str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA")}
    for place in (*places.values(), str(folder / "run")):
        Path(place).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        **os.environ,
        **{f"XDG_{name}_HOME": place for name, place in places.items()},
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "HOME": str(folder),
        "TZ": "Asia/Shanghai",
        "LC_ALL": "C.UTF-8",
        **more,
    }


@dataclass
class Khal:
    """vdirsyncer fetches into files, khal lists them."""

    folder: Path
    url: str
    first: date

    NEEDS = "`make clients` installs vdirsyncer and khal"

    @staticmethod
    def installed() -> bool:
        return (ENVIRONMENT / "bin" / "khal").exists()

    def __post_init__(self) -> None:
        self._env = _home(self.folder, VDIRSYNCER_CONFIG=str(self.folder / "vdirsyncer.conf"))
        (self.folder / "items").mkdir()
        (self.folder / "vdirsyncer.conf").write_text(
            f'[general]\nstatus_path = "{self.folder}/status/"\n'
            '[pair duties]\na = "remote"\nb = "local"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage remote]\ntype = "http"\nurl = "{self.url}"\n'
            f'[storage local]\ntype = "filesystem"\npath = "{self.folder}/items"\nfileext = ".ics"\n'
        )
        (self.folder / "khal.conf").write_text(
            f"[calendars]\n[[duties]]\npath = {self.folder}/items\nreadonly = True\n"
            "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            "default_timezone = Asia/Shanghai\nlocal_timezone = Asia/Shanghai\n"
        )
        self._run("vdirsyncer", "discover", "duties", typed="y\n")

    def read(self) -> set[Shown]:
        self._run("vdirsyncer", "sync")
        form = "{title}\t{start-date}\t{status}"
        listed = self._run(
            "khal", "-c", str(self.folder / "khal.conf"), "list", "--day-format", "", "--once", "-f", form,
            self.first.isoformat(), "420d",
        )  # fmt: skip
        rows = [line.split("\t") for line in listed.splitlines() if "\t" in line]
        return {Shown(title, day, status.strip()) for title, day, status in rows}

    def _run(self, program: str, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [str(ENVIRONMENT / "bin" / program), *arguments],
            env=self._env, input=typed, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@dataclass
class Gnome:
    """GNOME's calendar store (evolution-data-server), asked by `gnome_store.py` over its own bus."""

    folder: Path
    url: str
    first: date
    _process: subprocess.Popen[str] = field(init=False)

    NEEDS = "apt-get install evolution-data-server gir1.2-ecal-2.0 gir1.2-ical-3.0 python3-gi dbus"

    @staticmethod
    def installed() -> bool:
        return bool(
            shutil.which("dbus-run-session")
            and SYSTEM_PYTHON.exists()
            and subprocess.run(
                [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('ECal', '2.0'); from gi.repository import ECal"],
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )

    def __post_init__(self) -> None:
        self._process = subprocess.Popen(
            ["dbus-run-session", "--", str(SYSTEM_PYTHON), str(HERE / "gnome_store.py"), self.url],
            env=_home(self.folder, GSETTINGS_BACKEND="memory", GIO_USE_VFS="local"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def read(self) -> set[Shown]:
        self._pipe(self._process.stdin).write("refresh\n")
        self._pipe(self._process.stdin).flush()
        line = self._pipe(self._process.stdout).readline()
        assert line, "the calendar store has ended"
        end = self.first + timedelta(days=420)
        shown = {Shown(**row) for row in json.loads(line)}
        return {one for one in shown if self.first.isoformat() <= one.day < end.isoformat()}

    def close(self) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(SECONDS)
        self._pipe(self._process.stdout).close()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe
