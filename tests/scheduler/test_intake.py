"""From files to notices: encodings, listing pages, JSON, ids, and what is refused."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import date
from pathlib import Path

import pytest

from obligations.errors import DomainError
from scheduler.intake import BadSource, read_notices
from tests.shared_files import shared

TEXT = "各区水务局:\n请于5月6日前将名单报我局。\n临澜市水务局\n2025年4月2日"


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312"]
)
def test_plain_text_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "notice.txt", TEXT.encode(encoding))
    (notice,) = read_notices(path)
    assert notice.text == TEXT
    assert notice.id == hashlib.sha256(TEXT.encode()).hexdigest()[:12]


def test_one_sentence_is_enough_to_tell_the_encoding(tmp_path: Path) -> None:
    for encoding in ("gb18030", "utf-16-le", "utf-16-be"):
        (notice,) = read_notices(write(tmp_path, "short.txt", "请各单位于3月5日前报送。".encode(encoding)))
        assert notice.text == "请各单位于3月5日前报送。"


def test_line_breaks_of_other_systems(tmp_path: Path) -> None:
    (notice,) = read_notices(write(tmp_path, "notice.txt", TEXT.replace("\n", "\r\n") + "\r\n\r\n"))
    assert notice.text == TEXT


def test_text_broken_at_a_fixed_width_is_rejoined(tmp_path: Path) -> None:
    paragraph = (
        "为做好汛期安全工作,请各区水务局组织人员对辖区内的泵站、涵闸和堤防逐一排查,排查结果和整改清单于五月六日前书面报送"
        "我局防汛科,同时抄送市应急管理局值班室备案。"
    )
    lines = [paragraph[at : at + 20] for at in range(0, len(paragraph), 20)]
    (notice,) = read_notices(write(tmp_path, "wrapped.txt", "各区水务局:\n" + "\n".join(lines) + "\n二、联系人\n"))
    assert notice.text == f"各区水务局:\n{paragraph}\n二、联系人"


LISTING = "公告\n已为你找到 3 条\n2024-03\n  甲通知正文。 \n2024-03\n乙通知正文,\n分两行。\n\n2023-12\n甲通知正文。\n"


def test_a_listing_page_gives_its_blocks_and_their_labels(tmp_path: Path) -> None:
    notices = read_notices(write(tmp_path, "page.txt", LISTING))
    assert [(one.label, one.text) for one in notices] == [
        ("2024-03", "甲通知正文。"),
        ("2024-03", "乙通知正文,\n分两行。"),
        ("2023-12", "甲通知正文。"),
    ]
    assert all(one.published_on is None and one.title is None for one in notices)


def test_a_second_copy_is_marked_and_gets_an_id_of_its_own(tmp_path: Path) -> None:
    first, _, copy = read_notices(write(tmp_path, "page.txt", LISTING))
    assert first.duplicate_of is None
    assert (copy.id, copy.duplicate_of) == (f"{first.id}-2", first.id)


def test_copies_are_found_across_files_of_one_run(tmp_path: Path) -> None:
    first = write(tmp_path, "a.txt", TEXT)
    second = write(tmp_path, "b.txt", TEXT.encode("gbk"))
    ids = [(one.id, one.duplicate_of) for one in read_notices(first, second, first)]
    assert ids == [(ids[0][0], None), (f"{ids[0][0]}-2", ids[0][0]), (f"{ids[0][0]}-3", ids[0][0])]


def test_the_real_listing_page_has_ten_notices_of_which_nine_differ() -> None:
    notices = read_notices(shared("seeds"))
    gold = json.loads(shared("gold/seed_obligations.json").read_text(encoding="utf-8"))["notices"]
    assert [hashlib.sha256(one.text.encode()).hexdigest() for one in notices] == [one["sha256"] for one in gold]
    assert [index for index, one in enumerate(notices) if one.duplicate_of] == [6]
    assert notices[6].duplicate_of == notices[5].id


def test_a_json_list_keeps_texts_and_metadata_as_given(tmp_path: Path) -> None:
    entry = {"id": "n1", "title": " 甲 ", "issuer": None, "doc_number": "甲〔2025〕1号", "published_on": "2025-04-02"}
    path = write(tmp_path, "notices.json", json.dumps([{**entry, "text": " 正文。\n"}, {"text": "乙。"}]))
    first, second = read_notices(path)
    assert (first.id, first.text, first.title, first.issuer) == ("n1", " 正文。\n", "甲", None)
    assert (first.doc_number, first.published_on) == ("甲〔2025〕1号", date(2025, 4, 2))
    assert second.id == hashlib.sha256("乙。".encode()).hexdigest()[:12]


def test_a_copy_with_an_id_of_its_own_keeps_it(tmp_path: Path) -> None:
    path = write(tmp_path, "notices.json", json.dumps([{"id": "n1", "text": "甲。"}, {"id": "n2", "text": "甲。"}]))
    assert [(one.id, one.duplicate_of) for one in read_notices(path)] == [("n1", None), ("n2", "n1")]


def test_an_empty_list_is_no_error(tmp_path: Path) -> None:
    assert read_notices(write(tmp_path, "none.json", "[]")) == []


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "乙。")
    write(tmp_path, "a.txt", "甲。")
    write(tmp_path, "ignored.log", "日志")
    (tmp_path / "c").mkdir()
    write(tmp_path / "c", "c.json", '[{"text": "丙。"}]')
    (tmp_path / ".hidden").mkdir()
    write(tmp_path / ".hidden", "d.txt", "丁。")
    assert [one.text for one in read_notices(tmp_path)] == ["甲。", "乙。", "丙。"]


def test_a_wrong_name_does_not_hide_the_format(tmp_path: Path) -> None:
    assert [one.text for one in read_notices(write(tmp_path, "notice", "甲。"))] == ["甲。"]


REFUSED = [
    ("empty.txt", b"", "empty"),
    ("blank.txt", " \n\t\n", "empty"),
    ("mark.txt", b"\xef\xbb\xbf", "empty"),
    ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no text"),
    ("noise.txt", random.Random(3).randbytes(4000), "no text"),
    ("zeros.txt", bytes(1000), "no text"),
    ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .docx"),
    ("broken.docx", b"PK\x03\x04" + bytes(100), "Word document"),
    ("broken.pdf", b"%PDF-1.4\nnothing", "damaged"),
    ("object.json", "{}", "no list"),
    ("open.json", '[{"text": "甲。"', "no valid JSON"),
    ("deep.json", "[" * 100_000, "no valid JSON"),
    ("number.json", "[" + "9" * 5000 + "]", "no valid JSON"),
    ("strings.json", '["甲。"]', "entry 1 is no object"),
    ("wordless.json", '[{"text": "甲。"}, {"id": "n2"}]', "entry 2 has no text"),
    ("typed.json", '[{"text": 5}]', "text of entry 1 must be text"),
    ("unknown.json", '[{"text": "甲。", "published": "2025-04-02"}]', "unknown field 'published'"),
    ("dated.json", '[{"text": "甲。", "published_on": "2025-4-2"}]', "must be YYYY-MM-DD, got '2025-4-2'"),
    ("impossible.json", '[{"text": "甲。", "published_on": "2025-02-30"}]', "got '2025-02-30'"),
    ("far.json", '[{"text": "甲。", "published_on": "9999-12-31"}]', "must lie in the years from 1949"),
    ("half.json", '[{"text": "甲\\ud800。"}]', "lone surrogate"),
    ("same.json", '[{"id": "n", "text": "甲。"}, {"id": "n", "text": "乙。"}]', "'n' names two different texts"),
    ("wordless.html", "<html><body><script>var a=1</script></body></html>", "no words"),
]


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_is_no_notice_is_refused_in_one_sentence(
    tmp_path: Path, name: str, data: str | bytes, reason: str
) -> None:
    path = write(tmp_path, name, data)
    with pytest.raises(BadSource) as caught:
        read_notices(path)
    message = str(caught.value)
    assert reason in message
    assert str(path) in message
    assert "\n" not in message
    assert isinstance(caught.value, DomainError)


def test_a_missing_path_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file or folder"):
        read_notices(tmp_path / "absent.txt")
    with pytest.raises(BadSource, match="the folder holds no notices"):
        read_notices(tmp_path)
