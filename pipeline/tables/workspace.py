"""What a notebook works with: one region, one reference date, the processed tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from pipeline.errors import TableError
from pipeline.keys import level_of_key
from pipeline.regions import Place, Region, find_region, short_name
from pipeline.settings import region_parameters
from pipeline.tables import storage
from pipeline.tables.registry import WARNINGS
from pipeline.tables.registry import table as find_table


@dataclass(frozen=True)
class Workspace:
    """The processed tables, as they were known on the reference date.

    Attributes
    ----------
    region : the municipality or group of municipalities that is looked at.
    reference_date : rows of a later period are not shown.
    """

    region: Region
    reference_date: dt.date

    def table(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
        """A processed table up to the reference date; for some territories only, if named."""
        frame = storage.read(name, ref_area=ref_area)
        if "time_period" not in frame:
            return frame
        # a year or month counts from its first day on, as nobody says when it was published
        today = self.reference_date.isoformat()
        return frame.loc[frame["time_period"].le(today)].reset_index(drop=True)

    def derived(self, name: str, ref_area: Sequence[str] | None = None) -> pd.DataFrame:
        """A table of the stage `model`; periods to come are its purpose, so none is cut off."""
        return storage.read_derived(name, ref_area=ref_area)

    @property
    def areas(self) -> tuple[str, ...]:
        """Keys of the region's members and of all it is compared with: what a chapter reads."""
        region = self.region
        return (*region.areas, region.kreis, *region.benchmarks, region.kv)

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Key → name of every territory, without the official addition."""
        areas = storage.read("areas")
        return dict(zip(areas["ref_area"], areas["ref_area_name"].map(short_name), strict=True))

    def name_of(self, ref_area: str) -> str:
        """Name of a territory as readers know it: "Kreis Steinfurt", "Westfalen-Lippe"."""
        name = self.area_names.get(ref_area, ref_area)
        if len(ref_area) != 5 or not ref_area.isdigit():
            return name
        official = storage.read("areas", ref_area=ref_area)["ref_area_name"]
        addition = official.iloc[0].partition(",")[2].strip() if len(official) else ""
        return f"{addition} {name}" if addition in {"Kreis", "Landkreis"} else name

    @property
    def as_of(self) -> str:
        """The reference date as figures print it: "31.12.2025"."""
        return self.reference_date.strftime("%d.%m.%Y")

    def place(self, ref_area: str) -> Place:
        """A territory of the data as findings name it."""
        return Place(ref_area, self.name_of(ref_area), level_of_key(ref_area), (ref_area,))

    @property
    def places(self) -> list[Place]:
        """The region, then what it is compared with: Kreis (unless it is one), Land, Germany."""
        return [self.region.place, *(self.place(key) for key in self.region.benchmarks)]

    def attributions(self, source_ids: Iterable[str]) -> list[str]:
        """The texts that the licences ask for, one a source, in the order of the ids."""
        sources = storage.read("sources").set_index("source_id")["attribution"]
        wanted = list(dict.fromkeys(source_ids))
        unknown = [name for name in wanted if name not in sources.index]
        if unknown:
            raise TableError(
                "a row names a source that the table sources does not have",
                found=unknown[0],
                remedy="run `versorgungslabor ingest` again",
            )
        return [str(sources[name]) for name in wanted]

    def producers(self, source_ids: Iterable[str]) -> list[str]:
        """Who publishes these sources, each once: for figures that rest on very many tables."""
        sources = storage.read("sources").set_index("source_id")["producer"]
        return list(dict.fromkeys(str(sources[name]) for name in source_ids))

    def warnings(self, *tables: str) -> list[str]:
        """What is to be observed in these tables, each sentence once."""
        words = dict.fromkeys(word for name in tables for word in find_table(name).warnings)
        if self.region.is_kreis:
            words.pop("kreis_level_only", None)  # the figures of the Kreis are the town's own
        return [WARNINGS[word] for word in words]


def open_workspace(region: str, reference_date: str | dt.date) -> Workspace:
    """The workspace for notebook parameters.

    Raises
    ------
    ParameterError : a parameter of the wrong type.
    UnknownRegionError : with the nearest names.
    """
    given = region_parameters(region=region, reference_date=reference_date)
    found = find_region(given.region, storage.read("municipalities"))
    return Workspace(found, given.reference_date)
