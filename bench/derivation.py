"""How fast a notice is read, against jionlp, the peer for Chinese time expressions, in the same run.

jionlp only finds times; ours finds times, judges them, and says who must do what. The peer
runs in a process of its own, because its packages are no dependency of ours. Then what the command
costs beside the deriving: its start and its memory.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from obligations.derivation import derive
from obligations.notice import Notice

ROUNDS = 5
REPEATS = 3
PASSES = 3  # of which the quickest counts, on both sides
PAGE = 32_000  # characters of a listing page
_DEADLINE = "请于2031年5月20日前报送"
_COMMAND = [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())", "derive", "--json"]
_PEER = """
import json, sys, time
try:
    import jionlp
except ImportError:
    sys.exit(3)
texts = json.load(sys.stdin)
jionlp.ner.extract_time(texts[0])
seconds = []
for _ in range(int(sys.argv[1])):
    started = time.process_time()
    for text in texts:
        jionlp.ner.extract_time(text)
    seconds.append(time.process_time() - started)
print(min(seconds))
"""


def run() -> list[tuple[str, float, str]]:
    """Return (name, figure, meaning) of each measurement; the peer's is left out where jionlp is not installed."""
    with TemporaryDirectory() as folder:
        return [*_of_command(Path(folder)), *_against_peer(), *_hostile()]


def _samples() -> list[str]:
    folder = resources.files("app").joinpath("samples")
    return [
        entry.read_text("utf-8") for entry in sorted(folder.iterdir(), key=str) if entry.name.endswith(".txt")
    ] * REPEATS


def _of_command(folder: Path) -> list[tuple[str, float, str]]:
    nothing, page = folder / "nothing.json", folder / "page.txt"
    nothing.write_text("[]", "utf-8")
    page.write_text(_listing_page(), "utf-8")
    ours = min(_process([*_COMMAND, str(nothing)])[0] for _ in range(ROUNDS))
    bare = min(_process([sys.executable, "-c", ""])[0] for _ in range(ROUNDS))
    megabytes = _process([*_COMMAND, str(page)])[1]
    return [
        (
            "duban derive of no notice, start",
            ours - bare,
            "seconds more than the start of the interpreter; at most 0.5",
        ),
        ("duban derive of a listing page, memory", megabytes, "MB at its peak; less than 120"),
    ]


def _listing_page() -> str:
    texts = _samples()
    blocks = (f"2026-09\n{texts[turn % len(texts)].strip()}({turn})\n\n" for turn in range(PAGE))
    page = ""
    while len(page) < PAGE:
        page += next(blocks)
    return page


def _process(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds by the clock and its peak of memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the command must end with status 0, got {process.returncode}: {command}")
    return seconds, usage.ru_maxrss / 1024


def _seconds(texts: list[str]) -> float:
    """Return the processor time of the quickest pass."""
    passes = []
    for _ in range(PASSES):
        started = time.process_time()
        for text in texts:
            derive(Notice(id="bench", text=text))
        passes.append(time.process_time() - started)
    return min(passes)


def _against_peer() -> list[tuple[str, float, str]]:
    texts = _samples()
    _seconds(texts)
    ratios = []
    for _ in range(ROUNDS):
        peer = subprocess.run(
            [sys.executable, "-c", _PEER, str(PASSES)],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=False,
        )
        if peer.returncode:
            return []
        ratios.append(float(peer.stdout.split()[-1]) / _seconds(texts))
    meaning = "characters a second of derive, roles included, over those of jionlp's time finder; at least 5"
    return [("derive / jionlp", median(ratios), meaning)]


def _hostile() -> list[tuple[str, float, str]]:
    dice = random.Random(2026)
    kinds: dict[str, Callable[[int], str]] = {
        "one deadline repeated without punctuation": lambda n: (_DEADLINE * n)[:n],
        "nested brackets": lambda n: "(" * (n // 2) + ")" * (n // 2),
        "digits only": lambda n: "".join(dice.choice("0123456789") for _ in range(n)),
        "random characters": lambda n: "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _ in range(n)),
    }
    rows = []
    for name, make in kinds.items():
        half, whole = [make(50_000)], [make(100_000)]
        ratio = _seconds(whole) / _seconds(half)
        rows.append((f"100k / 50k characters: {name}", ratio, "time of twice the text over once; at most 2.5"))
    count = 100_000 // len(_DEADLINE)
    found = sum(draft.text == "2031年5月20日前" for draft in derive(Notice(id="bench", text=_DEADLINE * count)).drafts)
    rows.append(("100k characters: deadlines found of those repeated", found / count, "share; 1, none is dropped"))
    return rows
