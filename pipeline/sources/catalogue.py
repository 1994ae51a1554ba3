"""The catalogue of the publishers' files: where each comes from, on which terms, how often anew.

`catalogue.yaml` beside this module holds the data. An address is a statement like any other: who
has not fetched from it marks it `verified: false` and says where it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from pipeline.errors import ParameterError
from pipeline.provenance import LICENCES

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yaml")

#: How many days a file is taken to be current; None: it never changes.
RENEWAL_DAYS: dict[str, int | None] = {
    "quarterly": 100,
    "yearly": 400,
    "two-yearly": 800,
    "never": None,
}

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Https = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$")]
LandKey = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-6])$")]
Renewal = Literal["quarterly", "yearly", "two-yearly", "never"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fill(_Strict):
    """What a file fills: a processed table, its measures, and the level of its territories."""

    table: str
    measures: tuple[str, ...] = ()
    level: Literal["municipality", "kreis"]
    by_age: bool = Field(default=False, description="whether the file breaks down by age")


class Service(_Strict):
    """A statistics database with a GENESIS web service."""

    id: Slug
    title: str
    publisher: str
    address: Https
    account: Https = Field(description="page on which an account is opened")
    licence: str
    parallel: int = Field(ge=1, le=4, description="requests at once; the true limit was not read")
    verified: bool
    evidence: str


class _File(_Strict):
    title: str
    format: str = Field(description="format that `inspect` must recognise")
    laender: tuple[LandKey, ...] | None = Field(
        default=None, description="Länder that the file covers; None: all; empty: abroad"
    )
    size_mb: float = Field(gt=0)
    size_basis: Literal["measured", "estimate"]
    renewal: Renewal
    fills: tuple[Fill, ...]

    def covers(self, land: str) -> bool:
        """Whether the file holds the municipalities of a Land."""
        return self.laender is None or land in self.laender

    @property
    def renewal_days(self) -> int | None:
        """After how many days a file is out of date; None: never."""
        return RENEWAL_DAYS[self.renewal]


class ServiceTable(_File):
    """A table of a GENESIS service."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Za-z-]*$")]
    service: Slug
    form: Literal["datencsv", "ffcsv"] = "datencsv"

    @property
    def key(self) -> str:
        """What a person types to fetch it, behind the service."""
        return self.code


class DownloadEntry(_File):
    """A file at an address of its own; `address` is None where a person must choose it."""

    id: Slug
    publisher: str
    licence: str
    attribution: str
    address: Https | None
    page: Https
    file: str | None
    checksum: Https | None = Field(default=None, description="address of the file's MD5 sum")
    verified: bool
    evidence: str

    @property
    def key(self) -> str:
        """What a person types to fetch it."""
        return self.id


class Catalogue(_Strict):
    """All services, tables and downloads."""

    services: tuple[Service, ...]
    tables: tuple[ServiceTable, ...]
    downloads: tuple[DownloadEntry, ...]

    @model_validator(mode="after")
    def _is_in_order(self) -> Catalogue:
        for name, keys in (
            ("services", [service.id for service in self.services]),
            ("tables", [table.code for table in self.tables]),
            ("downloads", [entry.id for entry in self.downloads]),
        ):
            if keys != sorted(set(keys)):
                raise ValueError(f"{name} must be sorted by their key, each once")
        known = {service.id for service in self.services}
        for table in self.tables:
            if table.service not in known:
                raise ValueError(f"table {table.code} names an unknown service '{table.service}'")
        licences = {s.licence for s in self.services} | {d.licence for d in self.downloads}
        unknown = sorted(licences - set(LICENCES))
        if unknown:
            raise ValueError(f"unknown licence '{unknown[0]}'")
        return self

    def service(self, id_: str) -> Service | None:
        """The service of an id."""
        return next((service for service in self.services if service.id == id_), None)

    def download(self, id_: str) -> DownloadEntry | None:
        """The download of an id."""
        return next((entry for entry in self.downloads if entry.id == id_), None)

    def tables_of(self, service: str, codes: Sequence[str] = ()) -> list[ServiceTable]:
        """The named tables of a service, or all.

        Raises
        ------
        ParameterError : a code that the catalogue does not have for this service.
        """
        offered = {table.code: table for table in self.tables if table.service == service}
        unknown = [code for code in codes if code not in offered]
        if unknown:
            raise ParameterError(
                f"the catalogue has no such table of {service}",
                found=unknown[0],
                expected=", ".join(offered) or "no table of this service is catalogued",
                remedy="add it to pipeline/sources/catalogue.yaml, with what it fills",
            )
        return [offered[code] for code in codes] if codes else list(offered.values())


@cache
def read_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """The catalogue, checked; `ParameterError` names what is wrong in it."""
    try:
        return Catalogue.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problem = error.errors()[0]
        raise ParameterError(
            problem["msg"], file=path, column=".".join(str(part) for part in problem["loc"])
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(
            "the catalogue cannot be read", file=path, found=str(error)[:200],
            remedy="restore it from git",
        ) from error  # fmt: skip
