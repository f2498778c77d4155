"""Where each rule of counting comes from: law and article, official practice, or usage.

The texts were read in mirrors of the official ones, so every display of a citation says
that counsel has yet to confirm it (`TO_BE_CONFIRMED`).
"""

from __future__ import annotations

from dataclasses import dataclass

TO_BE_CONFIRMED = {"zh": "法条引用待法务确认", "en": "citations to be confirmed by counsel"}


@dataclass(frozen=True, slots=True)
class Source:
    """A rule's origin: a stable `key`, and how it is cited in Chinese and in English."""

    key: str
    zh: str
    en: str

    def text(self, lang: str) -> str:
        """Return the citation in `lang`, `zh` or `en`."""
        return self.en if lang == "en" else self.zh


def _source(key: str, zh: str, en: str) -> Source:
    return Source(key, zh, en)


NOTICE = _source("notice", "通知原文", "the notice's own words")
NOTICE_RULE = _source(
    "notice-rule", "通知原文写明（《民法典》第二百零四条）", "the notice states it (Civil Code art. 204)"
)
CHOSEN = _source("chosen", "口径规则（duban conventions）", "the choice of conventions (duban conventions)")
HOUSE = _source(
    "house",
    "本系统规则：最早解读当日或之前的最后一个工作日",
    "house rule: the last working day on or before the earliest reading",
)
CIVIL_200 = _source("civil-200", "《民法典》第二百条", "Civil Code art. 200")
CIVIL_201 = _source("civil-201", "《民法典》第二百零一条", "Civil Code art. 201")
CIVIL_202 = _source("civil-202", "《民法典》第二百零二条", "Civil Code art. 202")
CIVIL_203 = _source("civil-203", "《民法典》第二百零三条", "Civil Code art. 203")
BEFORE_USAGE = _source(
    "usage-before",
    "惯例；法律无明文（《民法典》第一千二百五十九条未列“以前”）",
    "usage; no statute says so (Civil Code art. 1259 does not list it)",
)
LICENSING_82 = _source("licensing-82", "《行政许可法》第八十二条", "Administrative Licensing Law art. 82")
PENALTY_85 = _source("penalty-85", "《行政处罚法》第八十五条", "Administrative Penalty Law art. 85")
COERCION_69 = _source("coercion-69", "《行政强制法》第六十九条", "Administrative Coercion Law art. 69")
RECONSIDERATION_88 = _source(
    "reconsideration-88", "《行政复议法》第八十八条", "Administrative Reconsideration Law art. 88"
)
CIVIL_PROCEDURE_85 = _source("civil-procedure-85", "《民事诉讼法》第八十五条", "Civil Procedure Law art. 85")
CRIMINAL_PROCEDURE_105 = _source(
    "criminal-procedure-105", "《刑事诉讼法》第一百零五条", "Criminal Procedure Law art. 105"
)
CRIMINAL_INTERPRETATION_202 = _source(
    "criminal-interpretation-202",
    "最高人民法院关于适用《刑事诉讼法》的解释（2021）第二百零二条",
    "Supreme Court interpretation of the Criminal Procedure Law (2021) art. 202",
)
TAX_109 = _source("tax-109", "《税收征收管理法实施细则》第一百零九条", "Tax Administration Rules art. 109")
TAX_PRACTICE = _source(
    "tax-practice",
    "国家税务总局每年明确申报纳税期限的通知（2022—2026 年惯例）",
    "the tax administration's yearly filing notices (practice of 2022-2026)",
)
STATISTICS_26 = _source(
    "statistics-26",
    "原质检系统统计管理规定第二十六条（法定节假日顺延，双休日不顺延）",
    "statistics rule of the former quality inspection administration art. 26 (holidays roll, weekends do not)",
)
STATISTICS_TABLE = _source(
    "statistics-table", "统计报表制度所列日期（已按节假日调整）", "the date in the statistics table, already adjusted"
)
REPORT_PRACTICE = _source(
    "report-practice", "稳妥惯例：遇休息日提前（早报不逾期）", "prudent practice: earlier is never late"
)
PUBLICITY = _source(
    "publicity",
    "《公务员法》第三十二条等：公示不少于规定的工作日数",
    "Civil Servants Law art. 32 and others: publicity of no fewer than the stated working days",
)
BACKWARD_PRACTICE = _source(
    "backward-practice",
    "稳妥惯例：倒数期限遇休息日提前",
    "prudent practice: a backward count that ends on a day off moves earlier",
)
ROUNDING_UNSTATED = _source(
    "rounding-unstated",
    "倒数月份遇短月如何取整，法律无明文",
    "no rule says how months counted backwards round in a short month",
)
BEFORE_EXCLUSIVE = _source(
    "before-exclusive", "口径指定“X日前”不含当日", 'a policy reads "by day X" as excluding day X'
)
HOLIDAYS_2 = _source(
    "holidays-2", "《全国年节及纪念日放假办法》第二条", "Regulation on annual and memorial holidays art. 2"
)
HOLIDAYS_6 = _source(
    "holidays-6", "《全国年节及纪念日放假办法》第六条", "Regulation on annual and memorial holidays art. 6"
)
WORKING_HOURS_7 = _source(
    "working-hours-7",
    "《国务院关于职工工作时间的规定》第七条",
    "State Council regulation on working hours art. 7",
)
