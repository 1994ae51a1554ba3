"""What keeps its name in English: territories, sources, practices, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline.regions import MODEL_REGIONS
from pipeline.tables import storage


def places(processed: Path) -> frozenset[str]:
    """Names of all territories of the data, without "Stadt" or "Kreis" after a comma."""
    areas = storage.read("areas", processed=processed)["ref_area_name"]
    municipalities = storage.read("municipalities", processed=processed)["name"]
    members = (name for region in MODEL_REGIONS.values() for name in region.member_names)
    names = (str(name).partition(",")[0].strip() for name in [*areas, *municipalities])
    return frozenset(filter(None, (*names, *members)))


def goals(processed: Path) -> frozenset[str]:
    """What a council has decided, in its own words."""
    texts = storage.read("goals", processed=processed)["goal"].dropna().astype(str)
    return frozenset(filter(None, texts))


def publishers(processed: Path) -> frozenset[str]:
    """How the line under a figure begins to name a source."""
    sources = storage.read("sources", processed=processed)
    heads = (str(text).partition(", Tabelle")[0] for text in sources["attribution"])
    return frozenset(filter(None, (*heads, *sources["producer"])))


def quoted(processed: Path) -> frozenset[str]:
    """Titles, names and addresses that a page prints as they are published."""
    sources = storage.read("sources", processed=processed)
    titles = (
        storage.read(name, processed=processed)["source_title"]
        for name in ("published_facts", "needs_planning")
    )
    goals = storage.read("goals", processed=processed)
    decided = (goals["goal_indicator"], goals["owner"])
    facilities = storage.read("facilities", processed=processed)
    columns = (sources["attribution"], sources["title"], sources["producer"], *titles, *decided)
    texts = pd.concat((*columns, facilities["name"])).dropna().astype(str)
    return frozenset((*texts[texts.ne("")], *_addresses(facilities)))


def _addresses(facilities: pd.DataFrame) -> Iterator[str]:
    columns = ("street", "house_number", "site_postcode", "city")
    for street, number, postcode, city in facilities[list(columns)].fillna("").to_numpy():
        parts = (f"{street} {number}".strip(), f"{postcode} {city}".strip())
        if any(parts):
            yield ", ".join(filter(None, parts))
