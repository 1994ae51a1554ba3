"""Typed settings: where things lie, and what a notebook may be asked.

Folders default to the checkout that holds this package; every one can be set by a command's
option or by the environment (``VERSORGUNGSLABOR_PROCESSED`` …), so that a run can work anywhere.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import ParameterError

ROOT = Path(__file__).resolve().parents[1]
ENV_PREFIX = "VERSORGUNGSLABOR_"


class Paths(BaseSettings):
    """The folders of the workspace."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True)

    raw: Path = ROOT / "data" / "raw"
    processed: Path = ROOT / "data" / "processed"
    derived: Path = ROOT / "data" / "derived"
    build: Path = ROOT / "build"
    reports: Path = ROOT / "reports"
    notebooks: Path = ROOT / "notebooks"
    params: Path = ROOT / "params.yaml"
    originals: Path | None = None

    def environment(self) -> dict[str, str]:
        """The same folders as environment variables, for a notebook's own process."""
        return {
            f"{ENV_PREFIX}{name.upper()}": str(Path(value).resolve())
            for name, value in self.model_dump().items()
            if value is not None
        }


class RegionParameters(BaseModel):
    """What a notebook in `notebooks/region/` may be asked; an unknown parameter is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str = Field(
        default="bocholt-rhede-isselburg",
        description="slug of a model region, or the AGS of any municipality in the data",
    )
    reference_date: dt.date = Field(
        default=dt.date(2025, 12, 31),
        description="Stichtag: nothing newer is shown, and rules are those in force on this day",
    )


class Params(BaseModel):
    """`params.yaml`: what an edition of the reports contains."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edition: str
    reference_date: dt.date
    regions: list[str]
    chapters: list[str]


def read_params(path: Path) -> Params:
    """`params.yaml`, checked; `ParameterError` names what is wrong in it."""
    try:
        return Params.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ParameterError(
            "the file with the parameters of the edition is missing",
            file=path,
            remedy="restore params.yaml from git",
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise ParameterError(
            problem["msg"], file=path, column=".".join(str(part) for part in problem["loc"])
        ) from error


def region_parameters(**given: object) -> RegionParameters:
    """Checked parameters; `ParameterError` for an unknown name or a wrong type."""
    try:
        return RegionParameters.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ParameterError(
            f"parameter '{'.'.join(str(part) for part in problem['loc'])}': {problem['msg']}",
            found=problem.get("input"),
            expected=", ".join(
                f"{name}: {field.description}"
                for name, field in RegionParameters.model_fields.items()
            ),
        ) from error
