"""The words of time: each piece is a named regular expression with the token it stands for.

Pieces of `STARTING` may open a time expression; pieces of `FOLLOWING` count only right behind
another token (前, 内, 底, a bracketed weekday). No piece can match an unbounded stretch of text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from obligations.grammar.numerals import HAN, HAN_NUMBER, read_number, read_year


class Token(NamedTuple):
    """One word of time. `code` is its letter in the forms of productions; offsets refer to the text."""

    code: str
    start: int
    end: int
    number: int = 0
    word: str = ""


CODES = {
    "year": "Y",
    "year_word": "V",
    "month": "M",
    "month_word": "U",
    "next_month": "u",
    "day": "D",
    "end": "E",
    "year_end": "e",
    "month_end": "m",
    "tenday": "X",
    "quarter": "F",
    "monthly": "N",
    "quarterly": "Q",
    "half_yearly": "H",
    "yearly": "A",
    "weekly": "K",
    "daily": "J",
    "interval": "I",
    "next_quarter": "q",
    "weekday": "k",
    "today": "d",
    "now": "i",
    "by": "b",
    "clock": "C",
    "clock_words": "c",
    "count": "n",
    "nth_working": "f",
    "note": "w",
    "place": "O",
    "after_period": "T",
    "before": "B",
    "within": "L",
    "to": "R",
    "until": "P",
    "from": "G",
    "and": "S",
    "open": "o",
}
"""The words that forms are written in, each with its one-letter code."""

_NUM = rf"(?:\d{{1,3}}|{HAN_NUMBER})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元正])"
_HAN_DIGIT = "[一二三四五六七八九]"
_DAY = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十{_HAN_DIGIT}?|廿{_HAN_DIGIT}?|十{_HAN_DIGIT}?|{_HAN_DIGIT})"
_HALF_OF_DAY = r"(?:上午|下午|早上|早晨|中午|晚上|晚间|傍晚|凌晨|夜间|当晚|晚|早)"
_WEEKDAYS = "一二三四五六日天"

_UNITS = {
    "工作日": "working_day",
    "自然日": "day",
    "日历日": "day",
    "日历天": "day",
    "天": "day",
    "日": "day",
    "小时": "hour",
    "钟头": "hour",
    "分钟": "minute",
    "月": "month",
    "年": "year",
    "周": "week",
    "星期": "week",
    "季度": "quarter",
}
_HALVES = {"半年": (6, "month"), "半个月": (15, "day"), "半月": (15, "day"), "半天": (1, "day"), "半日": (1, "day")}
_DIGITS_OR_HAN = re.compile(rf"\d+|[{HAN}元正]+")
_CLOCK_PARTS = re.compile(rf"(\d{{1,2}}|[{HAN}]{{1,4}}) ?(?::|时|点|$) ?(?:(\d{{1,2}}|[{HAN}]{{1,4}}|半))?")

Words = str
_Reader = Callable[[Words, int], list[Token]]


def _plain(code: str) -> _Reader:
    return lambda words, at: [Token(code, at, at + len(words), 0, words.replace(" ", ""))]


def _numbered(code: str) -> _Reader:
    def read(words: Words, at: int) -> list[Token]:
        return [Token(code, at, at + len(words), _first_number(words), words)]

    return read


def _first_number(words: Words) -> int:
    found = _DIGITS_OR_HAN.search(words)
    return 1 if found is None or found[0] in ("元", "正") else read_number(found[0])


def _year(words: Words, at: int) -> list[Token]:
    return [Token("Y", at, at + len(words), read_year(words.rstrip("年 ")))]


def _full_date(words: Words, at: int) -> list[Token]:
    year, month, day = (int(part) for part in re.split(r"[-./]", words))
    first, second = at + 4, at + len(words) - (2 if words[-2].isdigit() else 1)
    return [
        Token("Y", at, first, year),
        Token("M", first, second, month),
        Token("D", second, at + len(words), day),
    ]


def _several(code: str) -> _Reader:
    """Read 4-6月, 1至10日 or 6、12月: one token for each number and one for what joins them."""

    def read(words: Words, at: int) -> list[Token]:
        tokens: list[Token] = []
        for part in re.finditer(r"\d+|[-至到]|[、和及]", words):
            kind = code if part[0].isdigit() else "S" if part[0] in "、和及" else "R"
            number = int(part[0]) if part[0].isdigit() else 0
            tokens.append(Token(kind, at + part.start(), at + part.end(), number, part[0]))
        tokens[-1] = tokens[-1]._replace(end=at + len(words))
        return tokens

    return read


def _count(words: Words, at: int) -> list[Token]:
    plain = words.replace(" ", "")
    if plain.startswith("半"):
        number, unit = (30, "minute") if plain.endswith("小时") else _HALVES[plain]
    else:
        number = _first_number(plain)
        unit = next(unit for suffix, unit in _UNITS.items() if plain.endswith(suffix))
        if unit == "week":
            number, unit = number * 7, "day"
        if unit == "quarter":
            number, unit = number * 3, "month"
    if number == 0:
        return []
    code = "D" if plain.endswith("日") and unit == "day" and "然" not in plain and number <= 31 else "n"
    return [Token(code, at, at + len(words), number, unit)]


def _interval(words: Words, at: int) -> list[Token]:
    unit = next(unit for suffix, unit in _UNITS.items() if words.endswith(suffix))
    return [Token("I", at, at + len(words), _first_number(words), unit)]


def _clock(words: Words, at: int) -> list[Token]:
    found = _CLOCK_PARTS.search(words)
    assert found is not None, "the piece holds an hour"
    hour = read_number(found[1])
    minute = 30 if found[2] == "半" else read_number(found[2]) if found[2] else 0
    if hour < 12 and re.match(r"下午|晚|傍晚|夜|当晚", words):
        hour += 12
    if hour < 6 and words.startswith("中午"):
        hour += 12
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return []
    return [Token("C", at, at + len(words), 0, f"{hour:02d}:{minute:02d}")]


def _weekday(words: Words, at: int) -> list[Token]:
    number = _WEEKDAYS.index(words[-1]) + 1
    return [Token("k", at, at + len(words), min(number, 7), words[0] if words[0] in "本下每上" else "")]


def _nth_working(words: Words, at: int) -> list[Token]:
    number = _first_number(words)
    return [Token("f", at, at + len(words), -number if words[0] in "最倒" else number, words[0])]


def _place(words: Words, at: int) -> list[Token]:
    number = -1 if words[0] in "末最" else _first_number(words) if words[0] == "第" else 1
    return [Token("O", at, at + len(words), number)]


def _quarter(words: Words, at: int) -> list[Token]:
    """Read a named part of the year as the month it ends in (二季度 → 6)."""
    halves = {"上半": 6, "下半": 12, "前三": 9}
    number = halves.get(words[:2]) or 3 * _first_number(words)
    return [Token("F", at, at + len(words), number)] if number <= 12 else []


class Piece(NamedTuple):
    """A named regular expression and the function that turns its words into tokens.

    `opens` lists the characters that its words can begin with, as in the brackets of a regular expression: with it
    only a few pieces are tried at each place.
    """

    name: str
    opens: str
    expression: str
    read: _Reader


STARTING = (
    Piece(
        "full_date",
        "2",
        r"(?<!\d)20\d\d(?:-(?:1[0-2]|0?[1-9])-|\.(?:1[0-2]|0?[1-9])\.|/(?:1[0-2]|0?[1-9])/)(?:3[01]|[12]\d|0?[1-9])(?!\d)",
        _full_date,
    ),
    Piece(
        "year",
        "12一二",
        r"(?<!\d)(?:[12]\d{3}|[一二][〇零O0一二三四五六七八九]{3}) ?年(?!度|来|级|版|龄|产|均|以来)",
        _year,
    ),
    Piece(
        "year_word",
        "今明次翌去后同本当上下",
        r"今年|明年|次年|翌年|去年|后年|同年|本年度?(?!内)|当年度?|(?<!原则)上一?年度?|下一?年度?",
        _plain("V"),
    ),
    Piece("month_range", "1-9", r"(?<![\d.])(?:1[0-2]|[1-9]) ?[-至到] ?(?:1[0-2]|[1-9]) ?月份?", _several("M")),
    Piece("month", r"\d十一二三四五六七八九元正", rf"(?<!\d){_MONTH} ?月份?(?!度|均|报|刊|租|薪|供)", _numbered("M")),
    Piece("month_word", "本当同上", r"(?:本|当|同|(?<!原则)上个?)月份?", _plain("U")),
    Piece("next_month", "次翌下", r"(?:次|翌|下一?个?)月份?", _plain("u")),
    Piece("day_range", "1-9", r"(?<![\d.])(?:3[01]|[12]\d|[1-9]) ?[-至到] ?(?:3[01]|[12]\d|[1-9]) ?日", _several("D")),
    Piece(
        "count",
        rf"\d{HAN}半",
        rf"(?<!\d)(?:{_NUM} ?个? ?(?:工作日|自然日|日历[日天]|小时|钟头|分钟|星期|周(?![岁年期]))|{_NUM} ?天"
        rf"|{_NUM} ?个(?:月|季度)|(?<!第)(?:\d{{1,2}}|{HAN_NUMBER}) ?年(?!度|级|来)"
        rf"|{_NUM} ?日(?!常|均|报(?![送告备请])|志|程|益|用|间|期)"
        r"|半年|半个?月|半小时|半个小时|半[天日])",
        _count,
    ),
    Piece("quarter", "第一二三四1-4上下前", r"第?[一二三四1-4]季度?|(?<!原则)[上下]半年度?|前三季度", _quarter),
    Piece("year_end", "年岁", r"年度?(?:[底末]|终(?!了))(?![奖考决])|岁末", _plain("e")),
    Piece("month_end", "月", r"月[底末](?!考)", _plain("m")),
    Piece(
        "interval", "每", r"每隔?(?:[2-9]|[1-9]\d|[二两三四五六七八九十]) ?个?(?:月|年|周|天|日|季度|星期)", _interval
    ),
    Piece(
        "monthly",
        "每逐按各月",
        r"每一?个?月|逐月|按月|各月(?!份)|月[度份]?(?=终了|结束|后\d|后[一二三四五六七八九十])",
        _plain("N"),
    ),
    Piece("half_yearly", "每按半", r"每一?个?半年度?|每一?个?学期|按半年|半年度?(?=终了|结束|后)", _plain("H")),
    Piece("quarterly", "每各按逐季", r"每一?个?季度?|各季度|按季度?|逐季|季度?(?=终了|结束|后|末)", _plain("Q")),
    Piece(
        "yearly",
        "每逐按会纳财年",
        r"每一?个?(?:会计|纳税|财政|财务|自然)?年度?|逐年|按年度?|(?:会计|纳税|财政|财务)?年度(?=终了|结束|后|期满)",
        _plain("A"),
    ),
    Piece("weekday", "每本下上周星", rf"(?:每个?|本|下|(?<!原则)上)?(?:周|星期)[{_WEEKDAYS}](?!次|报|期)", _weekday),
    Piece("weekly", "每按逐", r"每一?个?(?:周|星期)|按周|逐周", _plain("K")),
    Piece("daily", "每逐按", r"每日|每天|每个?工作日|逐日|按日|每晚|每早", _plain("J")),
    Piece("next_quarter", "下次翌", r"(?:下一?个?|次|翌)季度?", _plain("q")),
    Piece(
        "now",
        "自从即今本通公方文印发下",
        r"自?从?(?:即日|今日|今天|(?:本)?(?:通知|公告|通告|方案|文件)?(?:印发|发布|下发|发文|公布|公告)之日)起?"
        r"(?= ?(?:至|到|-|,?截[至止]))",
        _plain("i"),
    ),
    Piece(
        "today",
        "今明次翌当同后第",
        r"今[日天晚]|明[日天]|次日|翌日|当[日天晚]|同[日天]|后[日天](?!的)|第二[天日]",
        _plain("d"),
    ),
    Piece(
        "by",
        "最至不截",
        r"(?:最[迟晚]|至迟|不得?[迟晚]于|截[至止])(?:时间|日期|期限)?(?:不得?[迟晚]于|不得?超过|[为是于在到至:])?",
        _plain("b"),
    ),
    Piece(
        "clock_words",
        "中下上当早晚午",
        r"(?:中午|下午|上午|当[日天])?下班(?:以|之)?前|上班(?:以|之)?前|中午(?:以|之)?前|午前|早晨前|晚上前",
        _plain("c"),
    ),
    Piece(
        "clock",
        rf"\d{HAN} 上下早中晚傍凌夜当",
        rf"(?<![\d:.]){_HALF_OF_DAY}? ?(?:(?:2[0-4]|[01]?\d) ?: ?[0-5]\d(?: ?: ?[0-5]\d)?[时分]?"
        rf"|(?:2[0-4]|[01]?\d|[{HAN}]{{1,3}}) ?[时点](?![间期段候限效代速刻长任评名对位击数多钟])"
        rf"(?:整|半|(?:[0-5]?\d|[{HAN}]{{1,3}}) ?分)?)",
        _clock,
    ),
)
"""Pieces in the order they are tried: where two could match, the longer reading comes first."""

FOLLOWING = (
    Piece("month_list", "1-9", r"(?:1[0-2]|[1-9])(?: ?[、和及] ?(?:1[0-2]|[1-9])){1,5} ?月份?", _several("M")),
    Piece(
        "day_list", "1-9", r"(?:3[01]|[12]\d|[1-9])(?: ?[、和及] ?(?:3[01]|[12]\d|[1-9])){1,5} ?[日号]", _several("D")
    ),
    Piece("day", r"\d十一二三四五六七八九廿", rf"{_DAY} ?(?:日|号(?!楼|文|令))", _numbered("D")),
    Piece("nth_working", "倒最第前首", rf"(?:倒数第|最后第?|第|前|首)(?:{_NUM})? ?个?工作日", _nth_working),
    Piece("before", "以之前", r"(?:以|之)?前(?!提(?![交供出请报前醒案升])|[期往置述款身景列沿锋任])", _plain("B")),
    Piece("within", "以之内时", r"(?:以|之)?内(?!容|部(?!署)|控)|时限内", _plain("L")),
    Piece("tenday", "上中下", r"[上中下]旬", _plain("X")),
    Piece("note", "(", r"\([^()\d]{0,24}\)", _plain("w")),
    Piece(
        "place",
        "月首第头末最",
        r"(?<=后)月(?=\d)|首个?月份?|第[一二三1-3]个?月份?|头一?个月|末个?月份?|最后一?个?月",
        _place,
    ),
    Piece("end", "底末最", r"[底末]|最后一[日天]", _plain("E")),
    Piece(
        "after_period",
        "终结届期之次后以起末",
        r"(?:终了|结束|届满|期满)?(?:之日|次日)?(?:后的?|之后|以后|起(?![至到]))|终了|末后|结束(?!之?前)",
        _plain("T"),
    ),
    Piece("open", "(", r"\((?=\d{1,2} ?月)", _plain("o")),
    Piece("to", "起至到直一-", r"起?(?:至|到)|直至|-{1,2}|一(?=\d)", _plain("R")),
    Piece("until", "截止为结", r"截?止|为止|结束", _plain("P")),
    Piece("from", "开之", r"开始|之日起", _plain("G")),
    Piece("and", "以或、和及与", r"以及|或者|[、和及与或]", _plain("S")),
)
"""Pieces that mean something only behind another token."""
