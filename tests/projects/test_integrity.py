"""What keeps a record from being handed in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipeline.advice.funding import Funding, read_funding
from pipeline.projects.integrity import check_record, is_ready
from pipeline.projects.record import Record
from pipeline.projects.storage import find_folder, list_projects, read_record
from tests.projects.invented import invented_record


@pytest.fixture(scope="module")
def funding(root: Path) -> Funding:
    return read_funding(root / "data" / "raw")


def rules(record: Record, funding: Funding) -> set[str]:
    return {problem.rule for problem in check_record(record, funding) if problem.is_blocking}


def changed(table: str, row: int, **fields: Any) -> Record:
    """The invented record with one row changed; empty rows are put in from texts."""
    rows = [r.model_dump(mode="json") for r in invented_record().rows(table)]
    rows[row] |= fields
    return invented_record(**{table: [{k: v for k, v in r.items() if v is not None} for r in rows]})


def test_the_complete_invented_record_is_ready(funding: Funding) -> None:
    problems = check_record(invented_record(), funding)
    assert is_ready(problems), problems


@pytest.mark.parametrize(
    ("table", "row", "fields", "rule"),
    [
        ("indicators", 0, {"source": ""}, "indicator-without-source"),
        ("measurements", 0, {"source": "nirgends"}, "unknown-source"),
        ("budget", 3, {"actual": "1799.99"}, "sums-do-not-close"),
        ("receipts", 0, {"amount": "14000.11"}, "receipts-do-not-add-up"),
        ("receipts", 0, {"date": "2021-12-31"}, "date-outside"),
        ("receipts", 0, {"also_charged_to": "Anderes Vorhaben"}, "double-funding"),
        ("receipts", 1, {"number": "1"}, "double-funding"),
        ("budget", 2, {"kind": "Darlehen"}, "kinds-added"),
        ("budget", 4, {"kind": "Bürgschaft"}, "kinds-added"),
        ("budget", 4, {"kind": ""}, "kind-missing"),
        ("budget", 2, {"approved": "17000.00"}, "grant-not-in-plan"),
        ("indicators", 0, {"definition_id": "CO36"}, "definition-of-other-period"),
        ("indicators", 0, {"baseline": ""}, "gap-without-reason"),
        ("activities", 0, {"deviation": "weniger"}, "deviation-without-reason"),
        ("grants", 0, {"notice_date": ""}, "no-notice"),
        ("measurements", 0, {"indicator": "fremd"}, "unknown-key"),
        ("grants", 0, {"line": "gibt-es-nicht"}, "unknown-line"),
        ("grants", 0, {"line": "nds-gesundheitsregionen-2021"}, "form-differs"),
        ("grants", 0, {"line": "nds-gesundheitsregionen-2021", "amount": "18000.01"},
         "above-ceiling"),
        ("grants", 0, {"line": "nds-gesundheitsregionen-2021-neue-projekte",
                       "period_end": "2024-01-31"}, "too-many-years"),
        ("grants", 0, {"rate_percent": "0,7"}, "rate-differs"),
        ("grants", 0, {"rate_percent": "80", "form": "Fehlbedarf"}, "rate-differs"),
        ("grants", 0, {"rate_percent": "170"}, "rate-impossible"),
        ("grants", 0, {"notice_date": "2099-01-01"}, "notice-after-end"),
        ("grants", 0, {"amount": "-18000.00"}, "negative-amount"),
        ("budget", 0, {"approved": "-15000.00"}, "negative-amount"),
        ("grants", 0, {"period_start": "2024-02-01"}, "dates"),
        ("activities", 0, {"planned_end": "2021-12"}, "dates"),
    ],
)  # fmt: skip
def test_a_single_fault_is_found_and_blocks(
    table: str, row: int, fields: dict[str, Any], rule: str, funding: Funding
) -> None:
    assert rule in rules(changed(table, row, **fields), funding)


def test_a_rate_is_held_against_the_plan_with_the_decimals_that_it_has(funding: Funding) -> None:
    # 18,000 of 20,000 euros are 90 percent
    for rate, form in (("90", "Anteil"), ("90,0", ""), ("95", "Fehlbedarf")):
        record = changed("grants", 0, rate_percent=rate, form=form)
        assert "rate-differs" not in rules(record, funding), (rate, form)
    assert "rate-differs" in rules(changed("grants", 0, rate_percent="89,9"), funding)
    # two thirds of 20,000 euros, to the cent
    third = invented_record()
    rows = {"grants": [{**third.grants[0].model_dump(mode="json"), "amount": "13333.33",
                        "rate_percent": "66,67"}]}  # fmt: skip
    assert "rate-differs" not in rules(invented_record(**rows), funding)


def test_a_notice_cannot_be_of_tomorrow(funding: Funding) -> None:
    record = invented_record()  # notice of 10 January 2022
    found = {
        day: {p.rule for p in check_record(record, funding, dt.date(2022, 1, day))}
        for day in (9, 10)
    }
    assert found[9] - found[10] == {"notice-in-future"}


def test_money_may_come_in_after_the_end_and_is_not_spent_then(funding: Funding) -> None:
    assert "date-outside" not in rules(changed("receipts", 2, date="2023-06-30"), funding)
    assert "date-outside" in rules(changed("receipts", 1, date="2023-06-30"), funding)


def targets(version: str, set_on: str, reason: str) -> list[dict[str, Any]]:
    return [
        {"indicator": "treffen", "version": "b1", "value": "4", "source": "bescheid"},
        {"indicator": "treffen", "version": version, "value": "3", "set_on": set_on,
         "reason": reason, "source": "bescheid"},
    ]  # fmt: skip


def test_a_target_may_change_by_amendment_in_time_with_a_reason_only(funding: Funding) -> None:
    good = invented_record(targets=targets("b2", "2022-11-01", "weniger Geld"))
    assert "target-changed" not in rules(good, funding)
    for bad in (
        targets("", "2022-11-01", "weniger Geld"),
        targets("b2", "2023-06-01", "weniger Geld"),
        targets("b2", "2022-11-01", ""),
    ):
        assert "target-changed" in rules(invented_record(targets=bad), funding)


def test_a_claim_without_evidence_blocks(funding: Funding) -> None:
    claim = [{"id": "x", "text": "Eine erfundene Stadt half.", "origin": "Text ohne Datum"}]
    assert "claim-without-evidence" in rules(invented_record(claims=claim), funding)


def test_the_lippstadt_claim_is_listed_as_a_claim_without_evidence(
    root: Path, funding: Funding
) -> None:
    raw = root / "data" / "raw"
    record = read_record(find_folder("klinikum-lippstadt", raw))
    (problem,) = [p for p in check_record(record, funding) if p.rule == "claim-without-evidence"]
    assert "Düsseldorf" in problem.message


def test_no_real_record_is_ready_and_none_has_an_empty_field_without_a_reason(
    root: Path, funding: Funding
) -> None:
    raw = root / "data" / "raw"
    assert list_projects(raw) == [
        "gesundheitsregion-wolfsburg", "klinikum-lippstadt", "kommkom", "lokale-daseinsvorsorge",
        "mvz-kalletal",
    ]  # fmt: skip
    structural = {"gap-without-reason", "unknown-key", "unknown-source", "no-source", "double-key",
                  "indicator-without-source", "line-refuses", "date-outside"}  # fmt: skip
    for slug in list_projects(raw):
        found = rules(read_record(find_folder(slug, raw)), funding)
        assert found and not found & structural, (slug, found)
