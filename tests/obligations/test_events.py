"""Names of trigger events compare by their words alone, and a notice dates only its own issue and publication."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.events import date_of_own_event, event_key

PUBLISHED, ISSUED = date(2026, 9, 14), date(2026, 9, 10)


@pytest.mark.parametrize("name", ["险情排除", " 险情 排除 ", "自险情排除之日起", "险情排除后", "“险情排除”当日"])
def test_spelling_and_particles_do_not_make_another_event(name: str) -> None:
    assert event_key(name) == "险情排除"


def test_events_that_only_share_words_stay_apart() -> None:
    assert len({event_key(name) for name in ("占用", "占用期满", "占用期满前", "先行占用")}) == 3


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("本通知印发之日", "", ISSUED, id="issued"),
        pytest.param("本公告发布", "", PUBLISHED, id="published"),
        pytest.param("即日(本通知印发)", "", ISSUED, id="today-as-issued"),
        pytest.param("即日", "", PUBLISHED, id="today"),
        pytest.param("公示发布", "对以上公示有异议的，请书面反映。", PUBLISHED, id="its-own-publicity"),
        pytest.param("公示发布", "拟将下列项目列入名单，现予公示：一、甲厂。", PUBLISHED, id="its-own-list"),
        pytest.param("公示", "关于拟认定企业名单的公示 各有关单位：", PUBLISHED, id="its-own-title"),
        pytest.param("公示发布", "经办部门审核后予以公示。对公示有异议的，可以反映。", None, id="a-publicity-to-come"),
        pytest.param("收到本通知", "", None, id="receipt"),
        pytest.param("险情排除", "", None, id="something-else"),
        pytest.param("本通知", "", None, id="no-event-at-all"),
        pytest.param("后", "", None, id="empty"),
    ],
)
def test_a_notice_dates_its_own_issue_and_publication_and_nothing_else(
    name: str, text: str, expected: date | None
) -> None:
    assert date_of_own_event(name, text, published_on=PUBLISHED, issued_on=ISSUED) == expected


def test_an_unknown_publication_date_is_not_replaced_by_the_signing_date() -> None:
    assert date_of_own_event("本公告发布", "", published_on=None, issued_on=ISSUED) is None
    assert date_of_own_event("即日", "", published_on=None, issued_on=ISSUED) == ISSUED
