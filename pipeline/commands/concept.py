"""`konzept`: the municipal action concept of a region."""

from __future__ import annotations

from pipeline.commands.options import (
    OUT,
    Derived,
    ParamsFile,
    Processed,
    Raw,
    RegionName,
    Reports,
    paths_from,
)
from pipeline.settings import read_params


def konzept(
    region: RegionName,
    raw: Raw = None,
    processed: Processed = None,
    derived: Derived = None,
    reports: Reports = None,
    params_file: ParamsFile = None,
) -> None:
    """Put the municipal action concept (Handlungskonzept) together, as HTML and as Word document.

    It is made from findings, recommendations and records of projects; what nobody has decided
    stays an open field.
    """
    from pipeline.projects.concept_documents import write_docx, write_html
    from pipeline.projects.concept_inputs import concept_of

    paths = paths_from(
        raw=raw, processed=processed, derived=derived, reports=reports, params=params_file
    )
    concept = concept_of(region, read_params(paths.params).reference_date, paths.raw)
    folder = paths.reports / "konzepte"
    OUT.print(f"{write_html(concept, folder / f'{region}.html')}")
    OUT.print(f"{write_docx(concept, folder / f'{region}.docx')}")
