"""`duban derive` and `duban score`, run as their users run them; all notices here are invented."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import docx
import pytest
from rich.cells import cell_len
from rich.text import Text
from typer.testing import CliRunner, Result

from app.cli import cli
from app.folding import fold
from tests.scheduler.tiny_pdf import tiny_pdf

NOTICE = (
    "各区水务局:现就泵站管理有关事项通知如下:一、每季度首月8日前,各区水务局将泵站运行表报我局。"
    "二、各区水务局请于5月6日前报送联络员名单。力争年内完成改造。临澜市水务局2025年4月2日"
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def derived(*paths: Path) -> list[dict[str, Any]]:
    result = run("derive", *paths, "--json")
    assert result.exit_code == 0, result.output
    notices: list[dict[str, Any]] = json.loads(result.stdout)["notices"]
    return notices


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


def test_json_holds_what_outsiders_rely_on(notice: Path) -> None:
    (found,) = derived(notice)
    assert found["text"] == NOTICE
    assert (found["issuer"], found["issued_on"], found["duplicate_of"]) == ("临澜市水务局", "2025-04-02", None)
    assert found["addressees"] == ["各区水务局"]
    quarterly, fixed = [one for one in found["obligations"] if one["tier"] == "core"]
    assert NOTICE[quarterly["start"] : quarterly["end"]] == quarterly["text"] == "每季度首月8日前"
    assert quarterly["deadline"] == {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 8}
    assert quarterly["due_dates"] == ["2025-04-08", "2025-07-08", "2025-10-08", "2026-01-08"]
    assert "rolled_due_dates" not in quarterly
    assert fixed["due_dates"] == ["2025-05-06"]
    evidence = NOTICE[fixed["evidence"]["start"] : fixed["evidence"]["end"]]
    assert evidence == "各区水务局请于5月6日前报送联络员名单。"
    assert fixed["responsible_units"] == ["各区水务局"]
    expected = {"start", "end", "text", "tier", "modality", "responsible", "responsible_units", "action", "deliverable"}
    expected |= {"recipient", "channel", "condition", "consequence", "deadline", "trigger_event", "depends_on"}
    expected |= {"evidence", "article", "pattern", "doubts", "confidence", "due_dates"}
    assert set(fixed) == expected


def test_the_same_notice_asks_for_the_same_in_every_format(tmp_path: Path) -> None:
    lines = [
        "关于报送泵站名单的通知",
        "各区水务局：",
        "一、请各区水务局于2025年5月6日前将泵站名单报我局。",
        "二、各区水务局每季度首月8日前将运行情况报我局。",
        "临澜市水务局",
        "2025年4月2日",
    ]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="gbk")
    (tmp_path / "b.html").write_text("".join(f"<p>{line}</p>" for line in lines), encoding="utf-8")
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(tmp_path / "c.docx"))
    (tmp_path / "d.pdf").write_bytes(tiny_pdf(lines))
    (tmp_path / "e.json").write_text(json.dumps([{"text": "".join(lines)}]), encoding="utf-8")
    found = derived(tmp_path)
    duties = [
        [(duty["text"], duty["deadline"], duty["responsible"]) for duty in one["obligations"]]
        for one in found
        if not one["duplicate_of"]
    ]
    assert len(duties) == 2  # with line breaks and without
    assert [one["text"].replace("\n", "") for one in found] == ["".join(lines)] * 5
    assert [text for text, _, _ in duties[0]] == ["2025年5月6日前", "每季度首月8日前"]
    assert all(one == duties[0] for one in duties)
    assert {(one["title"], one["issuer"], one["issued_on"]) for one in found} == {(lines[0], lines[4], "2025-04-02")}


def test_a_copy_is_marked_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(f"公告\n2025-06\n{NOTICE}\n2025-06\n{NOTICE}\n", encoding="utf-8")
    first, copy = derived(page)
    assert (first["label"], first["duplicate_of"], len(first["obligations"]) >= 2) == ("2025-06", None, True)
    assert (copy["duplicate_of"], copy["obligations"]) == (first["id"], [])


def test_a_notice_in_another_wrapper_is_told_of(tmp_path: Path) -> None:
    for name, text in (("a.txt", NOTICE), ("b.txt", f"首页 通知公告 {NOTICE} 打印本页")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    first, second = derived(tmp_path)
    assert [(one["kind"], one["target"]) for one in second["relations"]] == [("near_duplicate", first["id"])]


def test_the_table_names_the_core_duties_in_order(notice: Path) -> None:
    result = run("derive", notice)
    assert result.exit_code == 0
    assert "每季度第1个月8日" in result.stdout
    assert result.stdout.index("每季度首月8日前") < result.stdout.index("5月6日前")
    assert "临澜市水务局" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= 100


def test_explain_shows_the_marked_sentence_pattern_and_place(notice: Path) -> None:
    shown = run("derive", notice, "--explain").stdout
    assert "各区水务局请于【5月6日前】报送联络员名单。" in shown
    assert "fixed-date" in shown
    assert "2025-04-08 周二  2025-07-08 周二" in shown
    assert "2025-05-06 周二" in shown
    assert "原文没有写年份，年份取自发布日期、标题或者上文" in shown
    assert "year_inherited" not in shown
    assert all(line == line.rstrip() for line in shown.splitlines())
    english = run("derive", notice, "--explain", "--lang", "en").stdout
    assert "every quarter in month 1 of it day 8" in english


def test_explain_says_which_doubts_wait_for_a_person(tmp_path: Path) -> None:
    undated = tmp_path / "undated.txt"
    undated.write_text("各单位请于5月15日前报送总结。", encoding="utf-8")
    assert "须先审核：原文没有写年份，也没有可以取年份的地方" in run("derive", undated, "--explain").stdout
    assert "review first: year unknown" in run("derive", undated, "--explain", "--lang", "en").stdout


def test_nothing_to_derive(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("[]", encoding="utf-8")
    assert json.loads(run("derive", empty, "--json").stdout) == {"notices": []}
    assert run("derive", empty).stdout == "没有文件。\n"
    idle = tmp_path / "idle.txt"
    idle.write_text("各单位:现将名单印发给你们。", encoding="utf-8")
    assert "没有读出有期限的义务" in run("derive", idle).stdout


def shell(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "app.cli", *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


def test_bad_input_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    answer = shell("derive", binary, "--json")
    assert (answer.returncode, answer.stdout) == (2, b"")
    message = answer.stderr.decode()
    assert message.count("\n") == 1
    assert str(binary) in message


def test_json_is_utf_8_whatever_the_terminal_speaks(notice: Path) -> None:
    command = [sys.executable, "-X", "utf8=0", "-m", "app.cli", "derive", str(notice), "--json"]
    environment = {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    answer = subprocess.run(command, capture_output=True, check=True, timeout=60, env=environment)
    assert json.loads(answer.stdout.decode("utf-8"))["notices"][0]["text"] == NOTICE


def test_an_empty_list_starts_quickly_and_loads_neither_store_nor_readers(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("[]", encoding="utf-8")

    def seconds(*command: str) -> float:
        """Return the least processor time of three runs, which other work on the machine does not lengthen much."""
        times = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *command], check=True, capture_output=True, timeout=60)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(times)

    assert seconds("-m", "app.cli", "derive", str(empty), "--json") - seconds("-c", "pass") < 0.5
    heavy = ["sqlalchemy", "sqlmodel", "flask", "httpx", "bs4", "docx", "pypdf", "obligations.derivation"]
    probe = (
        "import sys; from typer.testing import CliRunner; from app.cli import cli;"
        f"r = CliRunner().invoke(cli, ['derive', {str(empty)!r}, '--json']); assert r.exit_code == 0, r.output;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, timeout=60)
    assert answer.stdout.decode().strip() == "[]"


def write_gold(folder: Path, date: str) -> None:
    start = NOTICE.index("5月6日前")
    obligation = {
        "id": "o1",
        "notice": "n1",
        "tier": "core",
        "modality": "must",
        "responsible": "各区水务局",
        "action": "报送名单",
        "deadline": {"kind": "fixed", "date": date},
        "deadline_span": {"start": start, "end": start + 5},
    }
    notices = [{"id": "n1", "text": NOTICE}]
    (folder / "notices.json").write_text(json.dumps(notices), encoding="utf-8")
    (folder / "gold.json").write_text(json.dumps({"obligations": [obligation]}), encoding="utf-8")


def test_score_prints_figures_and_each_miss(tmp_path: Path) -> None:
    write_gold(tmp_path, "2025-05-07")
    shown = run("score", tmp_path).stdout
    assert "召回率 1.000" in shown
    assert "期限全对 0.000" in shown
    assert "期限不符  o1  5月6日前" in shown
    assert "多  n1  每季度首月8日前" in shown
    data = json.loads(run("score", tmp_path, "--json").stdout)
    assert (data["matched"], data["spurious"], data["missed"], data["precision"]) == (1, 1, 0, 0.5)


def test_score_refuses_a_folder_without_annotations(tmp_path: Path) -> None:
    answer = shell("score", tmp_path)
    assert answer.returncode == 2
    assert "gold.json" in answer.stderr.decode()


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("一二三四五六", 4, ["一二", "三四", "五六"]),
        ("一二三，四五", 6, ["一二", "三，四", "五"]),
        ("一二（三四）", 6, ["一二", "（三", "四）"]),
        ("自2025年起", 7, ["自2025", "年起"]),
        ("甲 乙", 20, ["甲 乙"]),
        ("甲\n乙丙", 4, ["甲", "乙丙"]),
        ("", 4, [""]),
    ],
)
def test_lines_break_as_chinese_text_does(words: str, width: int, lines: list[str]) -> None:
    assert fold(Text(words), width).plain.split("\n") == lines
