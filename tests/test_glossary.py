"""`docs/glossary.md` is the law: the code uses its words, and none of those it rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "notifiers", "obligations", "scheduler", "store", "web")
LATER = "Words kept for what is not built yet"
AVOIDED = "Words we do not use"


@cache
def tables() -> dict[str, list[list[str]]]:
    """Return the rows of the glossary, cell by cell, by the heading they stand under."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| `"):
            found.setdefault(heading, []).append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def rows(*, later: bool = True) -> list[list[str]]:
    return [
        row
        for heading, table in tables().items()
        if heading != AVOIDED and (later or heading != LATER)
        for row in table
    ]


def word(row: list[str]) -> str:
    return row[0].strip("`")


def snake(name: str) -> str:
    """Return an identifier in lower case with underscores: `ObligationRow` gives `obligation_row`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def names_in(tree: ast.Module) -> Iterator[str]:
    """Yield what the module calls things: classes, functions, arguments, variables and fields."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.Name(id=name):
                yield snake(name)
            case ast.arg(arg=name) | ast.Attribute(attr=name):
                yield snake(name)


def definitions_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield snake(node.name)


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the packages, by its path."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def holds(name: str, word: str) -> bool:
    """Tell whether `word`, or its plural, is one of the words that `name` is made of."""
    plurals = (word, f"{word}s", f"{word}es", f"{word.removesuffix('y')}ies")
    return any(f"_{form}_" in f"_{name}_" for form in plurals)


def test_every_row_says_a_word_in_both_languages_what_it_means_and_an_example() -> None:
    assert len(rows()) > 50
    for row in rows():
        assert len(row) == 4, row
        assert re.fullmatch(r"`[a-z]+(_[a-z]+)*`", row[0]), row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row
        assert re.fullmatch(r"[^.]+\.", row[2]), f"one sentence, please: {row}"
        assert row[3], row


@pytest.mark.parametrize(("column", "language"), [(0, "English"), (1, "Chinese")])
def test_no_word_is_used_twice(column: int, language: str) -> None:
    words = [row[column] for row in rows()]
    assert sorted(words) == sorted(set(words)), language


def test_the_code_uses_every_word() -> None:
    used = {name for path, tree in modules().items() for name in (*names_in(tree), Path(path).stem)}
    assert len(used) > 500
    assert [word(row) for row in rows(later=False) if not any(holds(name, word(row)) for name in used)] == []


def test_every_record_has_its_row() -> None:
    records = {
        node.value.value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__tablename__"
        if isinstance(node.value, ast.Constant)
    }
    assert len(records) > 10
    assert records - {word(row) for row in rows(later=False)} == set()


def test_a_word_kept_for_later_moves_up_when_its_class_is_built() -> None:
    classes = [snake(n.name) for tree in modules().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    assert len(classes) > 30
    built = [word(row) for row in tables()[LATER] if any(holds(name, word(row)) for name in classes)]
    assert built == []


def test_no_class_function_or_module_bears_a_word_we_do_not_use() -> None:
    avoided = {word(row): row[2] if len(row) > 2 else "" for row in tables()[AVOIDED]}
    assert {"task", "todo", "alert", "deadline_date", "job"} <= avoided.keys()
    found = [
        f"{path}: {name}"
        for path, tree in modules().items()
        for name in (*definitions_in(tree), Path(path).stem)
        for ruled_out, exception in avoided.items()
        if holds(name, ruled_out) and path not in exception
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "word", "held"),
    [
        ("obligation_row", "obligation", True),
        ("deliveries", "delivery", True),
        ("is_safe_on", "safe_on", True),
        ("unsafe_on", "safe_on", False),
        ("notice", "notices", False),
    ],
)
def test_a_name_holds_whole_words(name: str, word: str, held: bool) -> None:
    assert holds(name, word) is held
