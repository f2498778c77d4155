"""Web pages, Word and PDF files, made here with the libraries that made the originals."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pypdf
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from scheduler.intake import BadSource, read_notices
from tests.scheduler.tiny_pdf import tiny_pdf

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}">
<meta name="ArticleTitle" content="关于报送名单的通知"><meta name="PubDate" content="2025-04-02 09:30">
<title>关于报送名单的通知-临澜市水务局</title><style>p {{color: red}}</style></head>
<body><form id="page"><div class="header"><a href="/">首页</a> 今天是星期三</div>
<div class="nav"><ul><li><a>政务公开</a></li><li><a>办事服务</a></li></ul></div>
<div class="wrap"><div class="main-left"><div class="crumb">当前位置：首页 &gt; 通知公告</div>
<h1>关于报送名单的通知</h1><div class="info">发布时间：2025-04-02 字号：大 中 小</div>
<div id="zoom"><p>各区水务局：</p><p>&nbsp;&nbsp;请于<span>5月</span><b>6日</b>前将名单报我局，<br>并抄送市应急局。</p>
<table><tr><td><p>序号</p></td><td>名称</td></tr><tr><td>1</td><td>石桥<br>泵站</td></tr></table>
<!-- 编辑 --><p style="text-align:right">临澜市水务局</p><p>2025年4月2日</p><p>打印本页 关闭窗口</p></div></div>
<div class="sidebar"><a>相关阅读一</a><a>相关阅读二</a></div></div>
<div class="footer">版权所有 临澜市水务局 地址：滨江路8号 备案号 12345</div></form>
<script>var s = "请于9月9日前报送";</script></body></html>"""

PAGE_TEXT = """关于报送名单的通知
各区水务局：
请于5月6日前将名单报我局，
并抄送市应急局。
序号\t名称
1\t石桥 泵站
临澜市水务局
2025年4月2日"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gbk"), ("GBK", "gbk"), ("gb2312", "utf-8"), ("", "gb18030")],
)
def test_a_web_page_gives_its_article_alone(tmp_path: Path, charset: str, encoding: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE.format(charset=charset).encode(encoding))
    (notice,) = read_notices(path)
    assert notice.text == PAGE_TEXT
    assert notice.title == "关于报送名单的通知"
    assert notice.published_on == date(2025, 4, 2)


def test_a_bare_page_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.htm"
    path.write_text("<p>请于5月6日前报送。</p><pre>附表\n甲</pre>", encoding="utf-8")
    (notice,) = read_notices(path)
    assert (notice.text, notice.title, notice.published_on) == ("请于5月6日前报送。\n附表\n甲", None, None)


def test_an_article_whose_box_is_named_like_a_frame_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<body><div id='print'><p>请于5月6日前报送名单。</p></div><div>版权</div></body>", encoding="utf-8")
    assert read_notices(path)[0].text == "请于5月6日前报送名单。"


def test_a_table_that_lays_out_the_page_keeps_its_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    filler = "为做好汛期安全工作，请各单位组织人员对辖区内的泵站、涵闸和堤防逐一排查。" * 6
    cells = f"<td><p>{filler}</p><p>请于5月6日前报送名单。</p></td><td><a>相关链接</a></td>"
    path.write_text(f"<body><table><tr>{cells}</tr></table></body>", encoding="utf-8")
    assert read_notices(path)[0].text == f"{filler}\n请于5月6日前报送名单。"


def test_an_xhtml_page_with_an_xml_head(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    markup = '<?xml version="1.0" encoding="gb2312"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body><p>请报送。</p></body></html>'
    path.write_bytes(markup.encode("gb2312"))
    assert read_notices(path)[0].text == "请报送。"


def test_deeply_nested_markup_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 20_000 + "请于5月6日前报送。", encoding="utf-8")
    (notice,) = read_notices(path)
    assert notice.text == "请于5月6日前报送。"


def saved(document: object, tmp_path: Path) -> Path:
    path = tmp_path / "notice.docx"
    document.save(str(path))  # type: ignore[attr-defined]  # docx.document.Document
    return path


def test_a_word_document_with_a_table(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("关于报送名单的通知", 0)
    document.add_paragraph("各区水务局：")
    document.add_paragraph("请于5月6日前\t报送。")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ["序号", "名称", "1", "石桥泵站"], strict=True):
        cell.text = words
    document.add_paragraph("临澜市水务局")
    (notice,) = read_notices(saved(document, tmp_path))
    assert notice.text.split("\n") == [
        "关于报送名单的通知",
        "各区水务局：",
        "请于5月6日前 报送。",
        "序号\t名称",
        "1\t石桥泵站",
        "临澜市水务局",
    ]


def test_a_table_of_one_cell_is_a_frame_around_paragraphs(tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "各单位："
    cell.add_paragraph("请报送。")
    assert read_notices(saved(document, tmp_path))[0].text == "各单位：\n请报送。"


def numbered(document: object, *levels: tuple[str, str]) -> None:
    """Give `document` one automatic list with these (format, text) levels."""
    root = document.part.numbering_part.element  # type: ignore[attr-defined]  # docx.document.Document
    rows = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    space = nsdecls("w")
    root.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="77">{rows}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {space} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def add_item(document: object, level: int, words: str) -> None:
    paragraph = document.add_paragraph(words)  # type: ignore[attr-defined]  # docx.document.Document
    mark = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(mark))


def test_numbers_that_word_writes_itself_are_kept(tmp_path: Path) -> None:
    document = docx.Document()
    numbered(document, ("chineseCountingThousand", "%1、"), ("decimal", "%2."), ("decimal", "（%2.%3）"))
    for level, words in [(0, "甲"), (1, "乙"), (1, "丙"), (2, "丁"), (0, "戊"), (1, "己")]:
        add_item(document, level, words)
    (notice,) = read_notices(saved(document, tmp_path))
    assert notice.text.split("\n") == ["一、甲", "1.乙", "2.丙", "（2.1）丁", "二、戊", "1.己"]


def test_articles_numbered_by_word_are_read_as_articles(tmp_path: Path) -> None:
    document = docx.Document()
    numbered(document, ("chineseCounting", "第%1条"))
    for _ in range(12):
        add_item(document, 0, "应当报送。")
    lines = read_notices(saved(document, tmp_path))[0].text.split("\n")
    assert (lines[0], lines[9], lines[11]) == ("第一条 应当报送。", "第十条 应当报送。", "第十二条 应当报送。")


def test_revisions_are_taken_as_made(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("请于")
    space = nsdecls("w")
    for piece in (
        f"<w:del {space}><w:r><w:delText>5月6日</w:delText></w:r></w:del>",
        f"<w:ins {space}><w:r><w:t>5月9日</w:t></w:r></w:ins>",
        f"<w:r {space}><w:t>前报送。</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(piece))
    assert read_notices(saved(document, tmp_path))[0].text == "请于5月9日前报送。"


def test_a_word_document_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="holds no words"):
        read_notices(saved(docx.Document(), tmp_path))


def test_an_archive_that_is_no_word_document_is_refused(tmp_path: Path) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "甲")
    path = tmp_path / "archive.docx"
    path.write_bytes(packed.getvalue())
    with pytest.raises(BadSource, match="no Word document"):
        read_notices(path)


def test_a_pdf_is_rejoined_across_lines_and_pages(tmp_path: Path) -> None:
    path = tmp_path / "notice.pdf"
    path.write_bytes(
        tiny_pdf(
            [
                "关于报送泵站名单的通知",
                "各区水务局:",
                "请各区水务局组织排查辖区内泵站,并将排",
                "查名单于5月6日前报送我局防汛",
                "- 1 -",
            ],
            ["科。", "二、联系方式", "- 2 -"],
        )
    )
    (notice,) = read_notices(path)
    assert notice.text.split("\n")[:2] == ["关于报送泵站名单的通知", "各区水务局:"]
    assert "排查辖区内泵站,并将排查名单于5月6日前报送我局防汛" in notice.text
    assert "- 1 -" not in notice.text
    assert notice.text.endswith("二、联系方式")


def test_a_scanned_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(tiny_pdf([]))
    with pytest.raises(BadSource, match="no text layer"):
        read_notices(path)


def test_a_locked_pdf_is_refused(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=BytesIO(tiny_pdf(["请报送。"])))
    writer.encrypt("secret", algorithm="RC4-128")
    path = tmp_path / "locked.pdf"
    writer.write(path)
    with pytest.raises(BadSource, match="locked by a password"):
        read_notices(path)
