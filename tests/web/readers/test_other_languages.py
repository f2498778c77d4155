"""Parsers of other languages read whatever a notice says: ical.js (npm) and Ruby's icalendar (Debian)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers.ical import Kind, Standing, calendar, clean, uid
from tests.notifiers.test_ical import ANY_TEXT, ENTRY
from tests.web.readers.clients import ENVIRONMENT
from tests.web.readers.parsers import Seen
from tests.web.readers.test_parsers import DOMAIN, expected, heading

pytestmark = pytest.mark.clients
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Parser:
    """A program that reads a calendar on stdin and prints, by UID, title, text, day and status as JSON."""

    command: tuple[str, ...]
    installed: bool
    needs: str

    def __call__(self, data: bytes) -> dict[str, Seen]:
        done = subprocess.run(self.command, input=data, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)
        return {
            key: Seen(title, text, date.fromisoformat(day), status) for key, (title, text, day, status) in found.items()
        }


def _ruby() -> bool:
    found = shutil.which("ruby")
    return found is not None and subprocess.run([found, "-e", "require 'icalendar'"], check=False).returncode == 0


PARSERS = {
    "ical.js": Parser(
        ("node", str(HERE / "read_with_ical_js.cjs"), str(ENVIRONMENT)),
        bool(shutil.which("node")) and (ENVIRONMENT / "node_modules" / "ical.js").exists(),
        "apt-get install nodejs npm, then `make clients`",
    ),
    "ruby": Parser(("ruby", str(HERE / "read_with_ruby.rb")), _ruby(), "apt-get install ruby ruby-icalendar"),
}


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> Parser:
    found = PARSERS[request.param]
    if not found.installed:
        assert not os.environ.get("CI"), f"the checks of a change need every parser: {found.needs}"
        pytest.skip(f"not on this machine: {found.needs}")
    return found


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))  # each example is a process
@given(
    texts=st.lists(ANY_TEXT, min_size=20, max_size=40),
    day=st.dates(date(2000, 1, 1), date(2099, 12, 30)),
    standing=st.sampled_from(list(Standing)),
    kind=st.sampled_from(list(Kind)),
)
def test_whatever_a_notice_says_survives(
    parser: Parser, texts: list[str], day: date, standing: Standing, kind: Kind
) -> None:
    entries = [
        replace(ENTRY, id=f"n-o{n}", title=f"报{text}送", description=f"原文{text}止", day=day, standing=standing)
        for n, text in enumerate(texts)
    ]
    seen = parser(calendar(heading(clean(texts[0])), entries, kind=kind, domain=DOMAIN))
    assert seen == {uid(entry.id, kind, DOMAIN): expected(entry, kind, "") for entry in entries}
