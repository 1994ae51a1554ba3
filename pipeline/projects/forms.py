"""All forms of a project, written into one folder: proofs of use, or the fact sheet."""

from __future__ import annotations

from pathlib import Path

from pipeline.advice.funding import Funding
from pipeline.figures.printing import write_pdf
from pipeline.projects.proof import ProofKind, make_proof, proof_kind, recipients_with_proof
from pipeline.projects.proof_pdf import fact_sheet_html, proof_html
from pipeline.projects.proof_workbook import write_workbook
from pipeline.projects.record import Record
from pipeline.writing import replaced_folder


def write_forms(record: Record, funding: Funding, folder: Path) -> list[Path]:
    """Write every form that the record allows; forms of an earlier state are removed.

    A recipient each has a proof of its own: ``verwendungsnachweis--<recipient>.xlsx`` and ``.pdf``
    (``muster-verwendungsnachweis…`` without a notice), else ``datenblatt.pdf``.
    """
    with replaced_folder(folder) as fresh:
        written = _write_forms(record, funding, fresh)
    return [folder / path.name for path in written]


def _write_forms(record: Record, funding: Funding, folder: Path) -> list[Path]:
    kind = proof_kind(record)
    if kind is ProofKind.FACT_SHEET:
        return [write_pdf(fact_sheet_html(record), folder / "datenblatt.pdf")]
    stem = "verwendungsnachweis" if kind is ProofKind.FORM else "muster-verwendungsnachweis"
    written = []
    recipients = recipients_with_proof(record)
    for recipient in recipients:
        proof = make_proof(record, funding, recipient)
        name = f"{stem}--{recipient.id}" if recipient and len(recipients) > 1 else stem
        written.append(write_workbook(proof, folder / f"{name}.xlsx"))
        written.append(write_pdf(proof_html(proof), folder / f"{name}.pdf"))
    return written
