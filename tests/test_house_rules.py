"""Rules of the house that no import contract can state; each check also counts that it saw something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "notifiers", "obligations", "scheduler", "store", "web")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _trees(modules: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for path in modules:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _called(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize(
    ("only", "sign"),
    [
        ("scheduler/ticker.py", lambda tree: any(name.startswith("apscheduler") for name in _imported(tree))),
        (
            "scheduler/clock.py",
            lambda tree: bool(
                _called(tree)
                & {
                    "datetime.now",
                    "datetime.utcnow",
                    "datetime.datetime.now",
                    "date.today",
                    "datetime.today",
                    "time.time",
                    "time.monotonic",
                    "arrow.now",
                    "arrow.utcnow",
                }
            ),
        ),
        (
            "app/settings.py",
            lambda tree: bool(_imported(tree) & {"os.environ", "os.getenv"}) or "os.environ" in ast.unparse(tree),
        ),
    ],
    ids=["apscheduler", "the time", "the environment"],
)
def test_one_module_alone_touches(only: str, sign: object) -> None:
    assert callable(sign)
    assert [name for name, tree in _trees(MODULES) if sign(tree)] == [only]


def test_modules_and_functions_stay_small() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    functions = [
        (name, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for name, tree in _trees(MODULES)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(functions) > 100
    assert [found for found in functions if found[2] > 50] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        path.name
        for path in MODULES
        if path.stem in {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    ] == []


def test_every_public_name_has_a_docstring() -> None:
    bare = [
        f"{name}:{node.name}"
        for name, tree in _trees(MODULES)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not (isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases))
    ]
    assert bare == []
