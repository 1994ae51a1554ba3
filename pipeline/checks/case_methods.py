"""Which public function answers which method of a cases file.

An adapter turns the input of a case (German keys, as published cases carry them) into a call and
its result into the shape of `expected`. It knows methods and keys, never the identity of a case.
To make a method answerable, write its adapter, enter it in `CASE_METHODS` and take its line out
of `NOT_YET`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from pipeline.checks.case_inputs import Inputs, NotApplicableError, OneOf
from pipeline.checks.case_inputs import number as _number
from pipeline.checks.case_inputs import numbers as _numbers
from pipeline.checks.case_reach import REACH_METHODS
from pipeline.errors import RawDataError
from pipeline.methods import (
    change,
    counting,
    demand,
    disclosure,
    exit_rules,
    grants,
    inequality,
    leslie,
    money,
    planning,
    rates,
    ratios,
    supply_balance,
)


class CaseData:
    """What a case may look up: tables of the raw folder, read once when first asked for."""

    def __init__(self, raw: Path) -> None:
        self._raw = raw

    @cached_property
    def ratios(self) -> pd.DataFrame:
        """The dated ratios (Verhältniszahlen)."""
        path = self._raw / "planning" / "planning_ratios.csv"
        if not path.is_file():
            raise RawDataError(
                "the table of ratios is missing",
                file=path,
                remedy="name the right folder with --raw, or restore data/raw from git",
            )
        return pd.read_csv(path, dtype=str, keep_default_na=False)


# ---------------------------------------------------------------------------- needs planning

#: Names of the groups in cases files, which do without umlauts and spaces.
GROUP_NAMES: dict[str, str] = {
    "Hausaerzte": "Hausärzte",
    "Augenaerzte": "Augenärzte",
    "Chirurgen_Orthopaeden": "Chirurgen und Orthopäden",
    "Frauenaerzte": "Frauenärzte",
    "Hautaerzte": "Hautärzte",
    "HNO": "HNO-Ärzte",
    "HNO_Aerzte": "HNO-Ärzte",
    "Nervenaerzte": "Nervenärzte",
    "Kinder_Jugendaerzte": "Kinder- und Jugendärzte",
    "Kinder_Jugendpsychiater": "Kinder- und Jugendpsychiater",
    "Anaesthesisten": "Anästhesisten",
}
#: Cases files call an area by what its grade leads to.
STATUS_WORDS: dict[planning.ComputedStatus, str] = {
    planning.ComputedStatus.OVER_SUPPLY: "gesperrt",
    planning.ComputedStatus.OPEN: "offen",
    planning.ComputedStatus.UNDER_SUPPLY_PRESUMED: "pruefung_unterversorgung",
}


def _ratio(inputs: Inputs, data: CaseData) -> object:
    planning_type = int(_number(inputs["kreistyp"])) if "kreistyp" in inputs else None
    return ratios.ratio_in_force(
        data.ratios,
        _group(inputs["arztgruppe"]),
        str(inputs["stand"]),
        planning_type=planning_type,
    ).value


def _implied_ratio(inputs: Inputs, data: CaseData) -> object:
    return planning.implied_ratio(
        _number(inputs["aerzte_gewicht"]),
        _number(inputs["einwohner"]),
        _number(inputs["versorgungsgrad_pct"]),
    )


def _open_seats(inputs: Inputs, data: CaseData) -> object:
    return planning.seats_from_grade(
        _number(inputs["aerzte_gewicht"]),
        _number(inputs["versorgungsgrad_pct"]),
        closing_grade=_number(inputs["sperrgrenze_pct"]),
        step=_number(inputs["schritt"]),
    ).to_closing_limit


def _status(inputs: Inputs, data: CaseData) -> object:
    grade = _number(inputs["versorgungsgrad_pct"])
    return STATUS_WORDS[planning.computed_status(grade, _group(inputs["gruppe"]))]


def _demography_factor(inputs: Inputs, data: CaseData) -> object:
    return planning.demography_factor(
        _number(inputs["allgemeine_vz"]), _number(inputs["regionale_vz"])
    )


def _employed_weight(inputs: Inputs, data: CaseData) -> object:
    if "wochenstunden" in inputs:
        return counting.employed_weight(_number(inputs["wochenstunden"]))
    return counting.employed_weight_monthly(
        _number(inputs["monatsstunden"]), _number(inputs["umrechnung"])
    )


# ---------------------------------------------------------------------------------- supply


def _age_weight(inputs: Inputs, data: CaseData) -> object:
    return exit_rules.age_weight(_number(inputs["alter_im_zieljahr"]))


def _stock_flow(inputs: Inputs, data: CaseData) -> object:
    balance = supply_balance.stock_flow_balance(
        *(_number(inputs[key]) for key in ("bestand_2019", "abgaenge", "zugaenge", "sitze_2035"))
    )
    return {
        "bestand_2035": balance.stock_end,
        "unbesetzt_aus_gerundeten": balance.unfilled,
        "publiziert_unbesetzt": balance.unfilled,
    }


def _hours_factor(inputs: Inputs, data: CaseData) -> object:
    hours, less = _number(inputs["stunden_2024"]), _number(inputs["reduktion"])
    return {"faktor": supply_balance.hours_factor(hours, less)}


def _cumulated_gap(inputs: Inputs, data: CaseData) -> object:
    years = re.fullmatch(r"(\d{4})-(\d{4})", str(inputs["jahre"]))
    if years is None:
        raise NotApplicableError(f"'jahre' is no span such as 2022-2040: {inputs['jahre']!r}")
    first, last = int(years[1]), int(years[2])
    return supply_balance.cumulated_gap(_number(inputs["fehlend_pro_jahr"]), first, last)


def _whole_from_part(inputs: Inputs, data: CaseData) -> object:
    return change.whole_from_part(_number(inputs["abgaenge"]), _number(inputs["anteil_pct"]))


# -------------------------------------------------------------------------- change, demand


def _change_of(start: str, end: str) -> Callable[[Inputs, CaseData], object]:
    """Adapter for a published percentage between two published figures."""

    def percent(inputs: Inputs, data: CaseData) -> object:
        return change.percent_change(_in_units(inputs, start), _in_units(inputs, end))

    return percent


def _in_units(inputs: Inputs, key: str) -> float:
    """The figure under `key`, or under `key_mio` in millions."""
    if key in inputs:
        return _number(inputs[key])
    return _number(inputs[f"{key}_mio"]) * 1e6


#: So many steps of a projection are offered to a case that does not say how many it took.
STEPS_OFFERED = 4


def _cohort_projection(inputs: Inputs, data: CaseData) -> object:
    """Population after each step, and growth of the stable population: a case prints one."""
    step = _number(inputs["step"])
    matrix = leslie.leslie_matrix(
        _numbers(inputs["nLx_f"]),
        _numbers(inputs["asfr"]),
        radix=_number(inputs["radix"]),
        sex_ratio_at_birth=_number(inputs["srb"]),
        step=step,
    )
    start = next((key for key in inputs if key.startswith("pop_")), "pop_…_f")
    path = leslie.project_steps(matrix, _numbers(inputs[start]), STEPS_OFFERED)
    growth = leslie.stable_growth(matrix, step=step)
    populations = ([float(persons) for persons in after] for after in path[1:])
    return OneOf((*populations, {"lambda": growth.factor, "r": growth.rate}))


def _pooled_rate(inputs: Inputs, data: CaseData) -> object:
    return demand.pooled_rate(
        [_number(inputs[f"pflegebeduerftige_{sex}"]) for sex in "mw"],
        [_number(inputs[f"quote_{sex}_pct"]) for sex in "mw"],
    )


def _cases_from_rate(inputs: Inputs, data: CaseData) -> object:
    return demand.cases_from_rate(
        _number(inputs["einwohner_mio"]), _number(inputs["faelle_je_kopf"])
    )


def _therapy(inputs: Inputs, data: CaseData) -> object:
    if "rate_gesamt_pct" in inputs:
        women, men, everybody = (
            _number(inputs[key]) for key in ("rate_w_pct", "rate_m_pct", "rate_gesamt_pct")
        )
        return {"anteil_w_pct": demand.group_share_of_cases(women, men, everybody)}
    return demand.units_per_case(
        _number(inputs["behandlungen_je_1000"]), _number(inputs["leistungen_je_1000"])
    )


def _care_totals(inputs: Inputs, data: CaseData) -> object:
    if "pflegegeld_vollstat_ambulant" in inputs:
        table = _by_age(inputs["pflegegeld_vollstat_ambulant"])
        table.columns = ["pflegegeld", "vollstationaer", "ambulant"]
        ages = table.set_axis([_first_age(str(label)) for label in table.index])
        share = demand.share_from_age(ages["vollstationaer"], 80)
        return {**_whole_numbers(table.sum()), "anteil_80plus_vollstat_pct": share}
    totals = _by_age(dict(inputs)).sum()
    return {**_whole_numbers(totals), "i": int(totals.sum())}


def _by_age(counts: object) -> pd.DataFrame:
    """Counts as a frame, one row an age group."""
    if not isinstance(counts, dict):
        raise NotApplicableError(f"counts by age were expected in the input, found {counts!r}")
    return pd.DataFrame(counts).T


# --------------------------------------------------------------- rates, inequality, disclosure


def _byar(inputs: Inputs, data: CaseData) -> object:
    return _floats(rates.byar_interval(_number(inputs["x"]), conf=_share(inputs["conf"])))


def _wilson(inputs: Inputs, data: CaseData) -> object:
    x, n = _number(inputs["x"]), _number(inputs["n"])
    return _floats(rates.wilson_interval(x, n, conf=_share(inputs["conf"])))


def _direct_rate(inputs: Inputs, data: CaseData) -> object:
    if "total_count" in inputs:
        too_few = rates.is_too_few_to_standardise(_number(inputs["total_count"]))
        return "suppressed" if too_few else "published"
    rate = rates.directly_standardised_rate(
        *(_numbers(inputs[key]) for key in ("count", "pop", "stdpop")),
        multiplier=_number(inputs["multiplier"]),
        conf=_share(inputs["ci"]),
    )
    return _floats(rate[:3])


def _indirect_ratio(inputs: Inputs, data: CaseData) -> object:
    conf = _share(inputs.get("ci", ""), default=0.95)  # "exakt" names a method, no level
    return _floats(
        rates.indirectly_standardised_ratio(
            _number(inputs["observed"]),
            _number(inputs["expected"]),
            reference_value=_number(inputs.get("refvalue", 1)),
            conf=conf,
        )
    )


#: The one standard besides a population that cases name: the mean of the two age distributions.
MEAN_DISTRIBUTION = "Mittel der beiden Altersverteilungen"
DEATHS_PER = 1000


def _standardisation(inputs: Inputs, data: CaseData) -> object:
    tables = {
        name: pd.DataFrame(rows, columns=["age", "population", "deaths"])
        for name, rows in inputs.items()
        if isinstance(rows, list)
    }
    if "referenz" in inputs:
        return _mortality_ratio(tables, str(inputs["referenz"]))
    if "standard" not in inputs:
        return {
            name: float(
                rates.crude_rate(
                    table["deaths"].sum(), table["population"].sum(), multiplier=DEATHS_PER
                ).obs_value
            )
            for name, table in tables.items()
        }
    standard = _standard(tables, str(inputs["standard"]))
    return {
        name: rates.directly_standardised_rate(
            table["deaths"], table["population"], standard, multiplier=DEATHS_PER
        ).obs_value
        for name, table in tables.items()
    }


def _standard(tables: Mapping[str, pd.DataFrame], name: str) -> pd.Series:
    if name in tables:
        return tables[name]["population"]
    if name != MEAN_DISTRIBUTION:
        raise NotApplicableError(f"no standard population of the name '{name}' is known here")
    shares = [table["population"] / table["population"].sum() for table in tables.values()]
    return pd.concat(shares, axis=1).mean(axis=1)


def _mortality_ratio(tables: Mapping[str, pd.DataFrame], reference: str) -> float:
    base = tables[reference]
    others = [table for name, table in tables.items() if name != reference]
    if len(others) != 1:
        raise NotApplicableError("a ratio compares one population with its reference")
    expected = rates.expected_events(others[0]["population"], base["deaths"] / base["population"])
    ratio = rates.indirectly_standardised_ratio(others[0]["deaths"].sum(), expected)
    return float(ratio.obs_value)


def _gini(inputs: Inputs, data: CaseData) -> object:
    return inequality.gini(_numbers(inputs["zugang"]), _numbers(inputs["population"]))


def _round_base5(inputs: Inputs, data: CaseData) -> object:
    if inputs["basis"] != 5:
        raise NotApplicableError("rounding is implemented to base 5 only")
    return int(disclosure.round_base5(_number(inputs["x"])))


# --------------------------------------------------------------------------- small helpers


def _group(name: object) -> str:
    return GROUP_NAMES.get(str(name), str(name))


def _share(text: object, default: float | None = None) -> float:
    """A level such as 99.8% out of a text, as a share."""
    found = re.search(r"([\d.]+)\s*%", str(text))
    if found:
        # rounded, because 99.8 / 100 is a hair off 0.998
        return round(float(found[1]) / 100, 12)
    if default is None:
        raise NotApplicableError(f"no level of confidence in {text!r}")
    return default


def _floats(values: Iterable[object]) -> list[float]:
    return [float(str(value)) for value in values]


def _first_age(label: str) -> int:
    """First year of an age group such as '<65', '65-70', '95+'."""
    if label.startswith("<"):
        return 0
    first = re.match(r"\d+", label)
    if first is None:
        raise NotApplicableError(f"no age group: {label!r}")
    return int(first[0])


def _whole_numbers(totals: pd.Series) -> dict[str, int]:
    return {str(name): int(total) for name, total in totals.items()}


# ---------------------------------------------------------------------------------- registry


def _grant_ceiling(inputs: Inputs, data: object) -> object:
    """What the guideline of 2021 pays for a year at most, in euros."""
    try:
        measure = grants.Measure(str(inputs["massnahme"]))
    except ValueError as error:
        raise NotApplicableError(f"no measure of the guideline: {inputs['massnahme']!r}") from error
    terms = grants.NIEDERSACHSEN_2021[measure, bool(inputs["bedarfszuweisung"])]
    eligible = money.parse_euro(_number(inputs["zuwendungsfaehig_eur"]))
    return grants.grant_ceiling(eligible, terms) / 100


CASE_METHODS: dict[str, Callable[[Inputs, CaseData], object]] = {
    "M7_foerderung_nds": _grant_ceiling,
    "M1_verhaeltniszahl": _ratio,
    "M1_regionale_vz_rueckrechnung": _implied_ratio,
    "M1_offene_sitze": _open_seats,
    "M1_status": _status,
    "M1_demografiefaktor": _demography_factor,
    "M1_anrechnungsfaktor": _employed_weight,
    "M2_altersgewicht_nrw": _age_weight,
    "M2_bestand_strom": _stock_flow,
    "M2_dichte": _change_of("dichte_2019", "dichte_2035"),
    "M2_versorgungsrelation": _hours_factor,
    "M2_zi": _cumulated_gap,
    "M2_rottweil": _whole_from_part,
    "M3_kohorten_komponenten": _cohort_projection,
    "M3_prognose_ergebnis": _change_of("start", "ende"),
    "M4_destatis_konstant": _change_of("basis_2021", "wert"),
    "M4_destatis_steigend": _change_of("basis_2021", "wert"),
    "M4_it_nrw_2016": _change_of("basis_2013", "wert"),
    "M4_quote_aggregation": _pooled_rate,
    "M4_summen": _care_totals,
    "M5_inanspruchnahme": _cases_from_rate,
    "M5_heilmittel": _therapy,
    "M8_ci_byars": _byar,
    "M8_ci_wilson": _wilson,
    "M8_dsr_esp2013": _direct_rate,
    "M8_isr": _indirect_ratio,
    "M8_standardisierung": _standardisation,
    "M8_gini": _gini,
    "M8_rundung5": _round_base5,
    **REACH_METHODS,
}

_DATA_SET = (
    "the case needs a data set that is not packaged; the method is in pipeline.methods.did or "
    "synthetic_control"
)
_LOOK_UP = "a published figure to look up, not a result that a method computes from the input"

#: Methods of published cases that no function answers, and why.
NOT_YET: dict[str, str] = {
    "M3_referenzwert": _LOOK_UP,
    "M4_quote_referenz": _LOOK_UP,
    "M7_attgt": _DATA_SET,
    "M7_sc": _DATA_SET,
    "M7_sc_gewichte": _DATA_SET,
    "M7_sdid": _DATA_SET,
    "M8_gisd": _LOOK_UP,
    "M8_pca_anteil": "the index of deprivation is taken as published, not computed from loadings",
    "M8_quantile": "the case needs the publisher's whole file of all Kreise, which is not packaged",
}
