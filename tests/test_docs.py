"""What a user can set or call is documented, and what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from app.cli import cli

ROOT = Path(__file__).resolve().parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def _commands() -> set[str]:
    group = typer.main.get_group(cli)
    return set(group.commands)


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    read = set(re.findall(r'"(DUBAN_\w+)"', (ROOT / "app/settings.py").read_text("utf-8")))
    documented = set(
        re.findall(r"^\| `(DUBAN_\w+)`", (ROOT / "docs/configuration.md").read_text("utf-8"), re.MULTILINE)
    )
    assert read == documented
    assert len(read) > 5


def test_every_command_has_a_help_text_and_a_line_in_the_command_page() -> None:
    page = (ROOT / "docs/commands.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `duban (\S+?)[ `]", page, re.MULTILINE))
    assert documented == _commands()
    assert len(documented) > 10


def test_the_readmes_name_only_commands_that_exist() -> None:
    for readme in READMES:
        named = set(re.findall(r"`duban ([a-z][a-z-]+)", readme.read_text("utf-8"))) - {"COMMAND"}
        assert named <= _commands(), readme.name
        assert len(named) >= 10


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*READMES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8"))]
    inside = [(page, link) for page, link in links if "://" not in link]
    assert len(inside) >= 10
    assert [(page.name, link) for page, link in inside if not (page.parent / link).exists()] == []
