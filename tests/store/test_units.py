"""The directory in force, and the parties beside it that come and go with what refers to them."""

from __future__ import annotations

from typing import Any

import pytest

from obligations.errors import BadDirectory
from obligations.units import packaged_directory_file
from scheduler.clock import parse_instant
from store import obligations, units
from store.database import Session, Store
from store.errors import NotFound
from store.units import STRANGERS
from tests.records import EMBEDDED, QUARTERLY, TABLE, contents, duty, furnish, ingest, reading

NOW = parse_instant("2026-11-23")
BANK = {"code": "bank-1", "name": "昆明第一银行", "group": "银行"}


def with_units(*more: dict[str, Any]) -> dict[str, Any]:
    file = packaged_directory_file()
    return file | {"units": [*file.get("units", []), *more]}


def put(store: Store, file: dict[str, Any]) -> None:
    with store.writing() as session:
        units.put_directory(session, file, now=NOW)


def test_the_directory_in_force_is_the_one_that_was_put(store: Store) -> None:
    with store.reading() as session:
        assert units.directory_in_force(session) is None
        assert not units.has_directory(session)
    put(store, with_units(BANK))
    with store.reading() as session:
        directory = units.directory_in_force(session)
        row = units.get(session, "bank-1")
    assert directory is not None
    assert directory.by_code("bank-1") is not None
    assert (row.name, row.group, row.in_directory) == ("昆明第一银行", "银行", True)


@EMBEDDED
def test_the_same_directory_again_changes_nothing(store: Store) -> None:
    furnish(store)
    before = contents(store)
    assert len(before["unit"]) > 500
    put(store, packaged_directory_file())
    assert contents(store) == before


def test_a_bad_directory_changes_nothing(store: Store) -> None:
    furnish(store)
    before = contents(store)
    with pytest.raises(BadDirectory, match="BANK"):
        put(store, with_units(BANK | {"code": "BANK"}))
    assert contents(store) == before


def test_a_unit_that_leaves_the_directory_stays_while_something_refers_to_it(store: Store) -> None:
    put(store, with_units(BANK, BANK | {"code": "bank-2", "name": "昆明第二银行"}))
    ingest(store, TABLE, reading(duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区")), "2026-11-23")
    with store.writing() as session:
        obligations.assign(session, "table-o1", ["bank-1"])
    put(store, packaged_directory_file())
    with store.reading() as session:
        row = units.get(session, "bank-1")
        with pytest.raises(NotFound, match="bank-2"):
            units.get(session, "bank-2")
    assert (row.in_directory, row.group) == (False, STRANGERS)


def test_a_party_has_one_code_however_its_name_is_spaced(store: Store) -> None:
    def code(session: Session, name: str) -> str:
        return units.party(session, name).code

    with store.writing() as session:
        first = code(session, "申报企业(含子公司)")
        assert code(session, "申报 企业（含子公司）") == first
        assert code(session, "申报企业") != first
        units.forget_unused_parties(session)
        assert [unit for unit in units.listing(session) if not unit.in_directory] == []
