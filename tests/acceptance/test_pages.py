"""The pages in a real browser: no script needed, nothing blocked, nothing cut off, everything readable."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.web import stock
from tests.web.conftest import Office, OpenOffice, filled, open_office, shared_office, still_office
from tests.web.test_signing import add_record

__all__ = ["filled", "open_office", "shared_office", "still_office"]

FIRST = f"/occurrences/gas-o1.{stock.DONGCHUAN}.2026Q4"
PAGES = [
    "/",
    "/?lang=en",
    "/?lang=zh",
    FIRST,
    f"{FIRST}/proof",
    f"/units/{stock.DONGCHUAN}",
    "/units",
    "/notices",
    "/notices/gas",
    "/undated",
    "/nothing-here",
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

# The lowest ratio of contrast between any visible text and what lies behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const rgb = (text) => { const p = text.match(/[\\d.]+/g).map(Number); return p.length < 4 ? [...p, 1] : p; };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
  const lum = (c) => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (node) => {
    const stack = [];
    for (let n = node; n; n = n.parentElement) stack.push(rgb(getComputedStyle(n).backgroundColor));
    return stack.reverse().reduce((low, top) => over(top, low), [255, 255, 255, 1]);
  };
  let worst = [99, ""];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || !box.width || box.right < 0 || node.closest("option")) continue;
    const back = behind(node), front = over(rgb(getComputedStyle(node).color), back);
    const [a, b] = [lum(front), lum(back)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 120)];
  }
  return worst;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser, as Debian ships it."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("needs a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


def visit(browser: Browser, width: int, scheme: str = "light") -> BrowserContext:
    """A visitor without JavaScript on a screen of this width (the checks below run in the browser all the same)."""
    return browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width < 500,
    )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_whole_and_readable(browser: Browser, still_office: Office, width: int, scheme: str) -> None:
    seen: list[str] = []
    with visit(browser, width, scheme) as context:
        page = context.new_page()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        for path in PAGES:
            page.goto(f"{still_office.client.base_url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is cut off at {width}"
            ratio, where = page.evaluate(CONTRAST)
            assert ratio >= 4.5, f"{path}: contrast {ratio:.2f} at {where}"
            assert page.evaluate("getComputedStyle(document.body).fontSize") == "16px"
    assert [text for text in seen if "404" not in text] == [], "nothing was blocked"
    assert any("404" in text for text in seen), "the console was heard"


def test_on_a_phone_rows_are_cards_with_room_for_a_thumb(browser: Browser, still_office: Office) -> None:
    with visit(browser, 390) as context:
        page = context.new_page()
        page.goto(str(still_office.client.base_url))
        card = page.locator("table.rows tbody tr").first
        assert card.evaluate("node => getComputedStyle(node).display") == "block"
        assert "安全日" in card.evaluate("node => getComputedStyle(node.querySelector('.safe'), '::before').content")
        for link in page.locator(".lights a, .top nav a, td.item > a").all():
            box = link.bounding_box()
            assert box
            assert box["height"] >= 24
            assert box["width"] >= 24


def test_a_clerk_narrows_the_board_opens_a_row_and_closes_it_without_script(
    browser: Browser, open_office: OpenOffice
) -> None:
    office = open_office()
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(str(office.client.base_url))
        page.get_by_label("责任单位").select_option(label="东川区燃气管理站")
        page.get_by_role("button", name="筛选").click()
        assert re.search(rf"[?&]unit={stock.DONGCHUAN}", page.url)
        page.get_by_role("link", name=re.compile("正常")).click()
        assert "light=normal" in page.url
        assert f"unit={stock.DONGCHUAN}" in page.url
        page.get_by_role("link", name="报送《管道巡检情况表》").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "报送《管道巡检情况表》"
        page.get_by_label("说明（必填）").fill("已收到盖章件")
        page.get_by_role("button", name="销号").click()
        assert page.url.endswith(FIRST)
        assert "按期办结" in page.locator(".state").inner_text()
        assert "已收到盖章件" in page.locator(".history").inner_text()


def test_the_keyboard_reaches_the_content_first_and_focus_is_seen(browser: Browser, still_office: Office) -> None:
    with visit(browser, 1280) as context:
        page = context.new_page()
        page.goto(str(still_office.client.base_url))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "跳到正文"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const n = document.activeElement, s = getComputedStyle(n);"
            " return [!!n.closest('main'), s.outlineStyle, parseFloat(s.outlineWidth)] })()"
        )
        assert focused[:2] == [True, "solid"]
        assert focused[2] >= 2


def test_on_paper_the_table_repeats_its_head_and_buttons_are_gone(browser: Browser, still_office: Office) -> None:
    with visit(browser, 1280) as context:
        page = context.new_page()
        page.goto(str(still_office.client.base_url))
        page.emulate_media(media="print")
        assert page.locator("thead").first.evaluate("n => getComputedStyle(n).display") == "table-header-group"
        for gone in (".filter", ".top nav", ".foot"):
            assert not page.locator(gone).first.is_visible()
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_record_of_an_item_with_a_whole_ladder_prints_on_one_sheet(
    browser: Browser, open_office: OpenOffice
) -> None:
    office = open_office()
    add_record(office, ("S-15", "S-10", "T-7", "T-3", "T-1", "T-0", "+1", "+6", "+11"))
    context = visit(browser, 1000)
    page = context.new_page()
    page.goto(f"{office.client.base_url}{FIRST}/proof")
    paper = page.pdf(prefer_css_page_size=True)
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    (width, height), *_ = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", paper)
    assert (round(float(width)), round(float(height))) in {(595, 842), (596, 842), (595, 843)}
