"""The action concept: what nobody decided stays open, in HTML and in Word."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from pipeline.projects.concept import OPEN, Concept, Proposal, build_concept
from pipeline.projects.concept_documents import concept_html, write_docx
from tests.projects.invented import invented_record

PARTS = ["Ausgangslage", "Bedarf", "Beteiligung", "Ziele", "Maßnahmen", "Verantwortliche",
         "Kosten", "Zeitplan", "Evaluation"]  # fmt: skip


@pytest.fixture(scope="module")
def concept() -> Concept:
    proposal = Proposal("Erfundene Maßnahme", "Medizin", "Ziel <b>", ("Schritt",), "", "", "Zahl",
                        "Anfang", (("Hausärzte: 12 (Kreis Muster, 2023)", "unter 20 (Annahme)"),),
                        "Anderswo fehlt es.")  # fmt: skip
    return build_concept(
        "Erfundenstadt", "31.12.2025", situation=["Eigene Zahl."], shared=["Zahl des Kreises."],
        proposals=[proposal], records=[invented_record()], funding=["Zu prüfen: Linie."],
    )  # fmt: skip


def test_the_nine_parts_stand_in_order_and_each_leaves_room_to_decide(concept: Concept) -> None:
    assert [part.heading for part in concept.parts] == PARTS
    assert all(part.open_fields for part in concept.parts[1:])


def test_owner_cost_and_time_that_nobody_decided_are_open(concept: Concept) -> None:
    tables = {part.heading: part.table for part in concept.parts}
    for name, cells in (("Verantwortliche", 2), ("Kosten", 3), ("Zeitplan", 2)):
        table = tables[name]
        assert table is not None and table.rows[0].count(OPEN) == cells, name


def test_a_number_of_a_larger_area_never_passes_for_the_regions_own(concept: Concept) -> None:
    own, shared, _ = concept.parts[0].paragraphs
    assert own == "Eigene Zahl."
    assert shared.startswith("Für das größere Gebiet, nicht für Erfundenstadt allein")


def test_a_need_is_a_finding_and_never_what_was_seen_elsewhere(concept: Concept) -> None:
    parts = {part.heading: part for part in concept.parts}
    assert not any("Anderswo fehlt es." in text for part in concept.parts
                   for text in (*part.paragraphs, *part.open_fields))  # fmt: skip
    table = parts["Maßnahmen"].table
    assert table is not None
    said = dict(zip(table.columns, table.rows[0], strict=True))
    assert said["Ausgangslage (allgemein oder anderswo beobachtet)"] == "Anderswo fehlt es."


def test_each_need_names_its_finding_and_running_projects_and_grants_are_told(
    concept: Concept,
) -> None:
    parts = {part.heading: part.paragraphs for part in concept.parts}
    assert parts["Bedarf"] == (
        "Hausärzte: 12 (Kreis Muster, 2023). "
        "Anlass für: „Erfundene Maßnahme“ (Grenze: unter 20 (Annahme)).",
    )
    assert parts["Ausgangslage"][-1] == "Vorhaben „Erfunden“ (Laufzeit: 01.02.2022 bis 31.01.2023)."
    assert parts["Kosten"][-1] == "Zu prüfen: Linie."


def test_the_page_is_whole_and_escapes_what_it_prints(concept: Concept) -> None:
    html = concept_html(concept)
    assert "Ziel &lt;b&gt;" in html and "default-src 'none'" in html
    assert "mindestens 35" in html and "http://" not in html


def test_the_word_document_has_headings_and_open_fields(concept: Concept, tmp_path: Path) -> None:
    document = docx.Document(str(write_docx(concept, tmp_path / "k.docx")))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == [f"{n}. {name}" for n, name in enumerate(PARTS, 1)] + ["Quellen"]
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    assert cells.count(OPEN) >= 7
    # the head of every table is repeated, and all columns fit the page
    heads = [table.rows[0]._tr.trPr.xpath("w:tblHeader") for table in document.tables]
    assert all(heads)
    widths = [sum(cell.width.cm for cell in table.rows[0].cells) for table in document.tables]
    assert max(widths) < 25.8
