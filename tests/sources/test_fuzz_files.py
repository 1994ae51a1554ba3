"""Whatever the bytes, a reader ends in a table or in our own error.

Three kinds of input: arbitrary bytes, arbitrary bytes behind a proper beginning, and whole files
with some bytes changed or cut off.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from pipeline.errors import WorkspaceError
from pipeline.sources import (
    area_changes,
    geometry,
    gisd,
    gv100ad,
    gv_auszug,
    inkar,
    template_files,
    templates,
)
from pipeline.sources.base import LongTable, Reader, read_head

READERS: dict[str, Reader] = {
    reader.FORMAT: reader
    for reader in (gv100ad, gv_auszug, inkar, gisd, geometry, area_changes, *templates.READERS)
}
QUICK = settings(
    max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
#: What the readers look for first.
BEGINNINGS = [
    b"",
    b"PK\x03\x04",
    bytes.fromhex("d0cf11e0a1b11ae1"),
    bytes.fromhex("0000270a"),
    b"602023113005566076",
    b"kreis_id,kreis_name,year,gisd_score,gisd_5\n05566,Steinfurt,2021,",
    b"# versorgungslabor-template: facilities 1\nref_area;sector;name;as_of;source\n05566076;",
    b"# versorgungslabor-template: physicians-by-age 1\n# completeness;",
]


def survives(reader: Reader, path: Path) -> None:
    """The property: a head that can be judged, and a table or a `WorkspaceError`."""
    if path.stat().st_size:
        assert reader.matches(read_head(path)) in (True, False)
    try:
        table = reader.read(path)
    except WorkspaceError as error:
        assert str(error)
        return
    assert isinstance(table, LongTable)
    assert table.frame["obs_value"].notna().where(table.frame["obs_status"].eq(""), True).all()


@pytest.mark.parametrize("kind", list(READERS))
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=400))
@QUICK
def test_arbitrary_bytes(kind: str, tmp_path: Path, beginning: bytes, rest: bytes) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(beginning + rest)
    survives(READERS[kind], path)


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def template(kind: str, folder: Path) -> bytes:
    path = folder / f"{kind}.xlsx"
    if not path.exists():
        template_files.write_template(kind, path)
    return path.read_bytes()


KEY_HEADER = [
    "Kreise 31.12.2015", "Kreisname 2015", "flächenproportionaler Umsteigeschlüssel",
    "bevölkerungsproportionaler Umsteigeschlüssel", "Kreise 31.12.2020", "Kreisname 2020",
]  # fmt: skip
WHOLE: dict[str, Callable[[Path], bytes]] = {
    "gisd": lambda _: b"kreis_id,kreis_name,year,gisd_score\n05566,Steinfurt,2021,0.5\n",
    "facilities": lambda _: (
        b"# versorgungslabor-template: facilities 1\n"
        b"# completeness;05566076;pharmacy;partial;4\n"
        b"ref_area;sector;name;longitude;as_of;source\n"
        b"05566076;pharmacy;Markt;7,44;2024-12-31;x\n"
    ),
    "gv100ad": lambda _: "\n".join(
        f"{kind}20231130{key:<8}{'0076' if kind == '60' else '':<4}{'Grün':<106}{digits:<92}"
        for kind, key, digits in (
            ("10", "05", ""), ("40", "05566", ""), ("60", "05566076", "0" * 33)
        )
    ).encode(),
    "inkar": lambda _: workbook(
        (
            "Daten",
            [
                ["Kennziffer", "Raumeinheit", "Aggregat", "X"],
                ["", "", "", "2020"],
                ["05566", "Steinfurt", "Kreise", 1.5],
            ],
        )
    ),
    "area-changes": lambda _: workbook(
        ("2015-2020", [KEY_HEADER, [3152000, "Göttingen", 1.0, 1.0, 3159000, "Göttingen"]])
    ),
    "care-places": lambda folder: template("care-places", folder),
}  # fmt: skip


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Some bytes changed at relative places, and perhaps the end cut off."""
    changes = draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6))
    end = draw(st.one_of(st.just(1.0), st.floats(0, 1)))

    def apply(content: bytes) -> bytes:
        damaged = bytearray(content)
        for place, byte in changes:
            damaged[min(int(place * len(damaged)), len(damaged) - 1)] = byte
        return bytes(damaged[: int(end * len(damaged))])

    return apply


@pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind != "care-places"])
def test_undamaged_file_is_a_table(kind: str, tmp_path: Path) -> None:
    # else the fuzz would look at refusals only; the empty template is one
    path = tmp_path / "whole"
    path.write_bytes(WHOLE[kind](tmp_path))
    assert READERS[kind].matches(read_head(path))
    assert len(READERS[kind].read(path).frame)


@pytest.mark.parametrize("kind", list(WHOLE))
@given(change=damage())
@QUICK
def test_damaged_file(kind: str, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(change(WHOLE[kind](tmp_path)))
    survives(READERS[kind], path)


@given(change=damage())
@settings(parent=QUICK, max_examples=20)
def test_damaged_old_workbook(
    originals: Path, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(change((originals / "inkar" / "B_SVBeschaeftigte.xls").read_bytes()))
    survives(inkar, path)


@pytest.fixture(scope="module")
def shapefile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The parts of a synthetic shapefile by suffix."""
    path = tmp_path_factory.mktemp("areas") / "areas.shp"
    areas = [box(400_000, 5_700_000, 401_000, 5_701_000)] * 2
    gpd.GeoDataFrame(
        {"AGS": ["05566076", "05566077"], "GEN": ["Grün", "Öde"]}, geometry=areas, crs=25832
    ).to_file(path)
    return {part.suffix: part.read_bytes() for part in path.parent.iterdir()}


@given(suffix=st.sampled_from([".shp", ".dbf", ".shx", ".prj", ".cpg"]), change=damage())
@QUICK
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the library's words on damaged rings
def test_damaged_shapefile(
    shapefile: dict[str, bytes], tmp_path: Path, suffix: str, change: Callable[[bytes], bytes]
) -> None:
    for part, content in shapefile.items():
        (tmp_path / f"areas{part}").write_bytes(change(content) if part == suffix else content)
    survives(geometry, tmp_path / "areas.shp")
