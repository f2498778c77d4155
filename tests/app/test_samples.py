"""The sample notices: short, fictitious, and about units that the sample directory knows."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from obligations.units import packaged_directory, resolve

SAMPLES = {
    file.name: file.read_text(encoding="utf-8")
    for file in resources.files("app").joinpath("samples").iterdir()
    if file.name.endswith(".txt")
}


def test_there_is_a_sample_for_each_kind_of_duty() -> None:
    words = "\n".join(SAMPLES.values())
    kinds = [
        "2026年9月18日前",
        "9月28日17:00前",
        "每季度首月6日前",
        "每季末次月8日前",
        "险情排除后5日内",
        "工作日内",
        "每半年",
        "另行通知",
    ]
    assert [kind for kind in kinds if kind not in words] == []


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_is_short_and_reaches_nobody_real(name: str) -> None:
    text = SAMPLES[name]
    assert 250 <= len("".join(text.split())) <= 700
    assert set(re.findall(r"@([\w.]+\w)", text)) <= {"example.cn"}
    numbers = re.findall(r"\d[\d-]{6,}", text)
    assert [number for number in numbers if not re.fullmatch(r"0871-6000\d{4}|2026-0\d", number)] == []


@pytest.mark.parametrize(
    ("sample", "names", "units", "parties"),
    [
        ("equipment-renewal.txt", ["各县(市)区、开发(度假)区工信部门"], 21, ()),
        ("fuel-returns.txt", ["官渡区", "寻甸县"], 2, ()),
        ("loan-interest.txt", ["承贷银行", "县(市)区农业农村局", "市农业农村局"], 15, ("承贷银行",)),
        ("pipe-repair.txt", ["先行开挖的抢修单位", "辖区水务主管部门"], 21, ("先行开挖的抢修单位",)),
        ("billboard-safety.txt", ["各县(市)区、开发(度假)区城市管理部门", "设置人"], 21, ("设置人",)),
    ],
)
def test_the_parties_of_a_sample_are_known_units_or_named(
    sample: str, names: list[str], units: int, parties: tuple[str, ...]
) -> None:
    lines = SAMPLES[sample].splitlines()
    addressees = next(line for line in lines if line.endswith(":"))
    found = resolve(
        names, addressees=[addressees], issuer=lines[0].partition("关于")[0], directory=packaged_directory()
    )
    assert all(name.strip("各") in SAMPLES[sample] for name in names)
    assert len(found.units) == units
    assert found.parties == parties
    functions = {function for unit in found.units for function in unit.functions}
    assert len(functions) == 1
