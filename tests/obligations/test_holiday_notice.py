"""Holiday notices read from their text: invented ones, every packaged year in the usual wordings, and refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from obligations.dates.explain import fact_source
from obligations.errors import BadHolidayNotice
from obligations.workdays.holiday_notice import parse_holiday_notice
from obligations.workdays.holiday_tables import HolidayNotice, Rest, YearTable, packaged_tables
from obligations.workdays.workcalendar import changed_days, load_calendar

ISSUED = date(2026, 11, 25)

NOTICE_2027 = """国务院办公厅关于2027年
部分节假日安排的通知
国办发明电〔2026〕99号

各有关单位：
    现将2027年元旦等节日的放假调休日期通知如下。
    一、元旦：1月1日（周五）至3日（周日）放假，共3天。
    二、春节：2月5日（农历除夕、周五）至12日（周五）放假调休，共8天。1月30日（周六）、2月20日（周六）上班。鼓励2月4日休息。
    三、清明节：4月5日放假，与周末连休。
    四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
    五、端午节：6月9日（周三）放假1天，不调休。
    六、中秋节：9月15日（周三）放假，鼓励错峰出行。
    七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
    值班工作请各单位妥善安排。

国务院办公厅
2026年11月25日
（此件公开发布）
"""


def known() -> tuple[HolidayNotice, ...]:
    return load_calendar().notices


def test_a_yearly_notice_gives_its_days_number_and_issue_date() -> None:
    notice = parse_holiday_notice(NOTICE_2027)
    assert (notice.year, notice.issued_on, notice.doc_number) == (2027, ISSUED, "国办发明电〔2026〕99号")
    assert notice.rests == (
        Rest("元旦", date(2027, 1, 1), date(2027, 1, 3)),
        Rest("春节", date(2027, 2, 5), date(2027, 2, 12)),
        Rest("清明节", date(2027, 4, 3), date(2027, 4, 5)),
        Rest("劳动节", date(2027, 5, 1), date(2027, 5, 5)),
        Rest("端午节", date(2027, 6, 9), date(2027, 6, 9)),
        Rest("中秋节", date(2027, 9, 15), date(2027, 9, 15)),
        Rest("国庆节", date(2027, 10, 1), date(2027, 10, 7)),
    )
    works = [(1, 30), (2, 20), (5, 8), (9, 26), (10, 9)]
    assert notice.works == tuple(date(2027, month, day) for month, day in works)
    assert (notice.amends, notice.scope) == (None, None)


def test_what_a_notice_changes_is_listed_by_day() -> None:
    notice = parse_holiday_notice(NOTICE_2027)
    after = load_calendar(extra=(YearTable(notice.year, (notice,)),))
    changes = {is_.day: is_.working for _, is_ in changed_days(load_calendar(), after)}
    rests = [(2, 11), (2, 12), (5, 5), (10, 6), (10, 7)]
    works = [(1, 30), (2, 20), (5, 8), (9, 26), (10, 9)]
    assert changes == {date(2027, m, d): False for m, d in rests} | {date(2027, m, d): True for m, d in works}


def written_out(notice: HolidayNotice) -> str:
    """Say `notice` in the usual wording: ranges with a total, single days, make-up days with their weekday."""
    names = "一二三四五六日"

    def say(day: date) -> str:
        year = f"{day.year}年" if day.year != notice.year else ""
        return f"{year}{day.month}月{day.day}日（星期{names[day.weekday()]}）"

    lines = [f"国务院办公厅关于{notice.year}年部分节假日安排的通知"]
    works = list(notice.works)
    for number, rest in enumerate(notice.rests):
        head = f"{'一二三四五六七'[number]}、{rest.name}："
        length = (rest.last - rest.first).days + 1
        span = say(rest.first) if length == 1 else f"{say(rest.first)}至{say(rest.last)}"
        line = f"{head}{span}放假。" if length == 1 else f"{head}{span}放假调休，共{length}天。"
        near = [day for day in works if day < rest.last + timedelta(days=12) or number == len(notice.rests) - 1]
        works = [day for day in works if day not in near]
        lines.append(line + ("、".join(map(say, near)) + "上班。" if near else ""))
    issued = notice.issued_on
    return "\n".join([*lines, "国务院办公厅", f"{issued.year}年{issued.month}月{issued.day}日"])


@pytest.mark.parametrize("table", packaged_tables(), ids=lambda table: str(table.year))
def test_every_packaged_year_reads_back_from_the_usual_wording(table: YearTable) -> None:
    packaged = table.notices[0]
    read = parse_holiday_notice(written_out(packaged))
    assert (read.year, read.issued_on, read.rests) == (packaged.year, packaged.issued_on, packaged.rests)
    assert read.works == packaged.works


@pytest.mark.parametrize(
    ("text", "amended", "rests", "works"),
    [
        pytest.param(
            "国务院办公厅关于延长2020年春节假期的通知\n延长2020年春节假期至2月2日（星期日），2月3日（星期一）起正常上班。\n2020年1月26日",
            "2019-11-21",
            [Rest("春节（延长）", date(2020, 1, 31), date(2020, 2, 2))],
            [],
            id="extended",
        ),
        pytest.param(
            "关于调整2019年劳动节假期的通知\n2019年5月1日至4日放假调休，共4天。4月28日（星期日）、5月5日（星期日）上班。\n2019年3月22日",
            "2018-12-06",
            [Rest("劳动节", date(2019, 5, 1), date(2019, 5, 4))],
            [date(2019, 4, 28), date(2019, 5, 5)],
            id="rearranged",
        ),
        pytest.param(
            "关于纪念日调休放假的通知\n2015年9月3日至5日调休放假，共3天。其中9月3日（星期四）放假，9月4日（星期五）调休，9月6日（星期日）上班。\n2015年5月13日",
            "2014-12-16",
            [Rest("纪念日", date(2015, 9, 3), date(2015, 9, 5))],
            [date(2015, 9, 6)],
            id="one-more-holiday",
        ),
    ],
)
def test_an_amendment_refers_to_its_yearly_notice(
    text: str, amended: str, rests: list[Rest], works: list[date]
) -> None:
    notice = parse_holiday_notice(text, known=known())
    assert notice.amends == date.fromisoformat(amended)
    assert [(rest.first, rest.last) for rest in notice.rests] == [(rest.first, rest.last) for rest in rests]
    assert list(notice.works) == works


def test_a_holiday_given_back_on_a_weekday_is_one_block() -> None:
    text = NOTICE_2027.replace("4月5日放假，与周末连休", "4月3日放假，4月5日（星期一）补休")
    assert Rest("清明节", date(2027, 4, 3), date(2027, 4, 5)) in parse_holiday_notice(text).rests


def test_a_local_arrangement_needs_no_yearly_holidays() -> None:
    text = "某自治州关于2026年开斋节放假的通知\n3月20日（周五）放假1天。\n2026年3月1日"
    notice = parse_holiday_notice(text, scope="某自治州")
    assert (notice.scope, notice.amends) == ("某自治州", None)
    assert [rest.first for rest in notice.rests] == [date(2026, 3, 20)]


def test_a_local_arrangement_keeps_its_own_number_and_the_name_of_its_feast() -> None:
    text = (
        "某自治州人民政府关于2026年泼水节放假的通知\n某政发〔2026〕12号\n各县（市）人民政府：\n"
        "2026年泼水节：4月13日至15日放假，共3天。\n2026年3月2日"
    )
    notice = parse_holiday_notice(text, scope="某自治州")
    assert notice.doc_number == "某政发〔2026〕12号"
    assert notice.rests == (Rest("泼水节", date(2026, 4, 13), date(2026, 4, 15)),)


def test_a_local_arrangement_without_a_number_is_not_laid_to_the_state_council() -> None:
    text = "某自治州关于2026年开斋节放假的通知\n3月20日（周五）放假1天。\n2026年3月1日"
    table = YearTable(2026, (parse_holiday_notice(text, scope="某自治州"),))
    source = fact_source(load_calendar(extra=(table,)).fact(date(2026, 3, 20)))
    assert source.zh == "地方放假通知（2026-03-01 发布，某自治州）"


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("1月1日（周五）", "1月1日（周四）", "2027-01-01 is 周五, but the text says 周四"),
        ("共8天", "共7天", "春节 is said to be 7 days, but 8 are named"),
        ("5月8日（周六）上班", "5月7日上班", "orders work on 2027-05-07 周五, which is no weekend day"),
        ("5月8日（周六）上班", "5月2日上班", "2027-05-02 周日 both rest and work"),
        ("6月9日（周三）", "6月10日（周四）", "2027-06-09 周三 work, which the statute makes a holiday: 端午节"),
        ("六、中秋节：9月15日（周三）放假，", "", "the yearly notice for 2027 says nothing of 中秋节"),
        ("2月5日", "2月30日", "2027年2月30日 is not a real date"),
        ("2026年11月25日\n", "\n", "has no date of issue on a line of its own"),
        ("10月1日（周五）至7日（周四）放假调休，共7天", "10月1日至9月7日放假", "cannot run up to 2027-09-07"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(wrong: str, right: str, sentence: str) -> None:
    assert wrong in NOTICE_2027
    with pytest.raises(BadHolidayNotice, match=sentence):
        parse_holiday_notice(NOTICE_2027.replace(wrong, right))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no year of holidays"),
        ("关于报送材料的通知\n请于2026年10月3日前报送。\n2026年9月1日", "names no year of holidays"),
        ("关于2027年部分节假日安排的通知\n2026年11月25日", "names no holiday"),
        ("关于延长2027年春节假期的通知\n延长春节假期至2月20日。\n2027年1月26日", "cannot be extended|not known yet"),
    ],
)
def test_what_is_no_holiday_notice_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadHolidayNotice, match=sentence):
        parse_holiday_notice(text, known=known())
