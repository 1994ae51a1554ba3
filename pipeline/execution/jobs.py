"""What is to be run: one job a notebook and region, with checked parameters."""

from __future__ import annotations

import ast
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ExecutionError, ParameterError
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
    parameters : values for the cell tagged "parameters".
    """

    region: str
    chapter: str
    notebook: Path
    output: Path
    parameters: Mapping[str, str]

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
) -> list[Job]:
    """All jobs, region by region, the overview last.

    Parameters
    ----------
    regions : what to run for.
    chapters : notebooks of notebooks/region; those of params.yaml by default.
    has_overview : whether overview.ipynb is run too.

    Raises
    ------
    ExecutionError : a notebook that does not exist.
    ParameterError : a parameter that the notebook's own parameter cell does not have.
    """
    wanted = [name for name in chapters or params.chapters if name != OVERVIEW]
    jobs = [
        _job(paths, region.slug, name, paths.notebooks / "region" / f"{name}.ipynb", params)
        for region in regions
        for name in wanted
    ]
    if has_overview or OVERVIEW in chapters:
        jobs.append(_job(paths, OVERVIEW, OVERVIEW, paths.notebooks / "overview.ipynb", params))
    return jobs


def _job(paths: Paths, region: str, chapter: str, notebook: Path, params: Params) -> Job:
    if not notebook.is_file():
        there = sorted(path.stem for path in notebook.parent.glob("*.ipynb"))
        raise ExecutionError(
            f"there is no notebook '{chapter}'",
            file=notebook,
            expected=", ".join(there),
            remedy="check --notebook, or the list of chapters in params.yaml",
        )
    output = paths.build / "notebooks" / region / f"{chapter}.ipynb"
    given = parameters_for(region, params.reference_date)
    check_parameters(notebook, given)
    return Job(region, chapter, notebook, output, given)


def parameters_for(region: str, reference_date: dt.date) -> dict[str, str]:
    """The parameters of a notebook, as text (papermill writes them into the notebook)."""
    if region == OVERVIEW:
        return {"reference_date": reference_date.isoformat()}
    checked = region_parameters(region=region, reference_date=reference_date)
    return {"region": checked.region, "reference_date": checked.reference_date.isoformat()}


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """`ParameterError` for a parameter that the notebook does not declare.

    papermill alone would only warn and run the notebook with its default.
    """
    declared = _declared(notebook)
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise ParameterError(
            "the notebook has no such parameter",
            file=notebook,
            found=unknown[0],
            expected=", ".join(declared) or 'a cell tagged "parameters"',
            remedy="correct the name, or add the parameter to the cell tagged parameters",
        )


@cache
def _declared(notebook: Path) -> tuple[str, ...]:
    """Names that the cell tagged "parameters" assigns (papermill's own look loads for seconds)."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
        source = "".join(tagged[0]["source"]) if tagged else ""
        statements = ast.parse(source).body
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise ExecutionError(
            f"this is no notebook with readable parameters: {error}",
            file=notebook,
            remedy="open it in JupyterLab and mend the cell tagged parameters",
        ) from error
    targets = [
        target
        for statement in statements
        for target in (
            statement.targets if isinstance(statement, ast.Assign)
            else [statement.target] if isinstance(statement, ast.AnnAssign)
            else []
        )
    ]  # fmt: skip
    return tuple(target.id for target in targets if isinstance(target, ast.Name))
