"""The sheets of the marketing toolbox as files: pages for the screen, the Standortprofil as PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.advice.engine import Recommendation
from pipeline.advice.profile.job_facts import job_facts
from pipeline.advice.profile.slides import slides
from pipeline.advice.profile.standortprofil import standortprofil
from pipeline.advice.situation import situation
from pipeline.figures.printing import write_pdf
from pipeline.methods.findings import Finding
from pipeline.tables.workspace import Workspace
from pipeline.writing import write_text


def write_toolbox(
    lab: Workspace,
    picked: Sequence[Recommendation],
    folder: Path,
    progress: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Standortprofil, facts for job advertisements and slides of a region.

    Parameters
    ----------
    picked : the recommendations of the region, as the engine orders them.
    progress : called with the name of each file.
    """
    findings = situation(lab)
    slug = lab.region.slug
    pages = {
        f"{slug}-standortprofil.html": standortprofil(lab, findings),
        f"{slug}-stellenanzeige.html": job_facts(lab, findings),
        f"{slug}-folien.html": slides(lab, findings, picked),
    }
    written = []
    for name, html in pages.items():
        progress(name)
        written.append(write_text(folder / name, html))
    return [*written, print_profile(lab, findings, folder)]


def print_profile(lab: Workspace, findings: Mapping[str, Finding], folder: Path) -> Path:
    """The Standortprofil of a region as PDF: one page A4."""
    html = standortprofil(lab, findings)
    return write_pdf(html, folder / f"{lab.region.slug}-standortprofil.pdf")
