"""What is to be run: one job a notebook and region, with checked parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ExecutionError
from pipeline.execution.parameters import check_parameters, options_for
from pipeline.settings import Params, Paths, region_parameters

if TYPE_CHECKING:
    from pipeline.regions import Region

#: Name under which the overview of all regions is kept beside them.
OVERVIEW = "overview"


@dataclass(frozen=True)
class Job:
    """One notebook for one region.

    Attributes
    ----------
    region : slug or AGS; `OVERVIEW` for the notebook that looks at all regions.
    chapter : name of the notebook, without suffix.
    notebook : the notebook as it lies in git.
    output : where the executed notebook goes.
    parameters : values for the cell tagged "parameters": text, numbers, lists of them.
    """

    region: str
    chapter: str
    notebook: Path
    output: Path
    parameters: Mapping[str, object]

    @property
    def name(self) -> str:
        """ "region / chapter", for progress and logs."""
        return f"{self.region} / {self.chapter}"


def plan_jobs(
    paths: Paths,
    params: Params,
    regions: Sequence[Region],
    chapters: Sequence[str] = (),
    *,
    has_overview: bool = True,
    given: Mapping[str, str] | None = None,
) -> list[Job]:
    """All jobs, region by region, the overview last.

    Parameters
    ----------
    regions : what to run for.
    chapters : notebooks of notebooks/region; those of params.yaml by default.
    has_overview : whether overview.ipynb is run too.
    given : further parameters as text, by name; each goes to the notebooks that declare it.

    Raises
    ------
    ExecutionError : a notebook that does not exist.
    ParameterError : a parameter that no notebook's own parameter cell has, or of another type.
    """
    wanted = [name for name in chapters or params.chapters if name != OVERVIEW]
    notebooks = {name: paths.notebooks / "region" / f"{name}.ipynb" for name in wanted}
    runs = [(region.slug, name) for region in regions for name in wanted]
    if has_overview or OVERVIEW in chapters:
        notebooks[OVERVIEW] = paths.notebooks / "overview.ipynb"
        runs.append((OVERVIEW, OVERVIEW))
    for name, notebook in notebooks.items():
        _refuse_missing(name, notebook)
    further = options_for(list(notebooks.values()), given or {})
    return [
        _job(paths, region, name, notebooks[name], params, further[notebooks[name]])
        for region, name in runs
    ]


def _refuse_missing(chapter: str, notebook: Path) -> None:
    if not notebook.is_file():
        there = sorted(path.stem for path in notebook.parent.glob("*.ipynb"))
        raise ExecutionError(
            f"there is no notebook '{chapter}'",
            file=notebook,
            expected=", ".join(there),
            remedy="check --notebook, or the list of chapters in params.yaml",
        )


def _job(
    paths: Paths,
    region: str,
    chapter: str,
    notebook: Path,
    params: Params,
    further: Mapping[str, object],
) -> Job:
    output = paths.build / "notebooks" / region / f"{chapter}.ipynb"
    given = {**parameters_for(region, params.reference_date), **further}
    check_parameters(notebook, given)
    return Job(region, chapter, notebook, output, given)


def parameters_for(region: str, reference_date: dt.date) -> dict[str, str]:
    """The parameters of a notebook, as text (papermill writes them into the notebook)."""
    if region == OVERVIEW:
        return {"reference_date": reference_date.isoformat()}
    checked = region_parameters(region=region, reference_date=reference_date)
    return {"region": checked.region, "reference_date": checked.reference_date.isoformat()}
