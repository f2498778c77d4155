"""How fast a notice is read, against jionlp, the peer for Chinese time expressions, in the same run.

jionlp only finds times; ours finds times, judges them, and says who must do what. The peer
runs in a process of its own, because its packages are no dependency of ours.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from importlib import resources
from statistics import median

from obligations.derivation import derive
from obligations.notice import Notice

ROUNDS = 5
REPEATS = 3
_PEER = """
import json, sys, time
try:
    import jionlp
except ImportError:
    sys.exit(3)
texts = json.load(sys.stdin)
jionlp.ner.extract_time(texts[0])
started = time.process_time()
found = sum(len(jionlp.ner.extract_time(text)) for text in texts)
print(time.process_time() - started, found)
"""


def run() -> list[tuple[str, float, str]]:
    """Return (name, figure, meaning) of each measurement; the peer's is left out where jionlp is not installed."""
    return [*_against_peer(), *_hostile()]


def _samples() -> list[str]:
    folder = resources.files("app").joinpath("samples")
    return [
        entry.read_text("utf-8") for entry in sorted(folder.iterdir(), key=str) if entry.name.endswith(".txt")
    ] * REPEATS


def _seconds(texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        derive(Notice(id="bench", text=text))
    return time.process_time() - started


def _against_peer() -> list[tuple[str, float, str]]:
    texts = _samples()
    _seconds(texts)
    ratios = []
    for _ in range(ROUNDS):
        peer = subprocess.run(
            [sys.executable, "-c", _PEER], input=json.dumps(texts), capture_output=True, text=True, check=False
        )
        if peer.returncode:
            return []
        ratios.append(float(peer.stdout.split()[-2]) / _seconds(texts))
    meaning = "characters a second of derive, roles included, over those of jionlp's time finder; at least 5"
    return [("derive / jionlp", median(ratios), meaning)]


def _hostile() -> list[tuple[str, float, str]]:
    dice = random.Random(2026)
    kinds = {
        "one deadline repeated without punctuation": lambda n: ("请于2031年5月20日前报送" * n)[:n],
        "nested brackets": lambda n: "(" * (n // 2) + ")" * (n // 2),
        "digits only": lambda n: "".join(dice.choice("0123456789") for _ in range(n)),
        "random characters": lambda n: "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _ in range(n)),
    }
    rows = []
    for name, make in kinds.items():
        half, whole = [make(50_000)], [make(100_000)]
        ratio = min(_seconds(whole) for _ in range(3)) / min(_seconds(half) for _ in range(3))
        rows.append((f"100k / 50k characters: {name}", ratio, "time of twice the text over once; at most 2.5"))
    return rows
