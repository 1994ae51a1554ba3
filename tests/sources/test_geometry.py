"""Administrative areas, and archives that are not to be trusted.

Expected: VG2500 holds 400 Kreise, the polygons of Germany cover about 357,600 km² (official area);
Kreis Steinfurt has 1,795.8 km² (Gemeindeverzeichnis: 1,795.80).
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from pipeline.errors import ParameterError, RawDataError
from pipeline.sources import geometry, limits
from pipeline.sources.base import read_head

OFFICIAL_AREA_KM2 = 357_600


@pytest.fixture(scope="module")
def kreise(originals: Path) -> Path:
    return originals / "geometry" / "VG2500_KRS.shp"


@pytest.fixture(scope="module")
def municipalities(originals: Path) -> Path:
    return originals / "geometry" / "VG250_GEM_simplified.zip"


def test_shapefile_has_all_kreise_with_text_keys_and_plausible_areas(kreise: Path) -> None:
    assert geometry.matches(read_head(kreise))
    table = geometry.read(kreise)
    areas = table.frame.set_index("ref_area")["obs_value"]
    assert (len(areas), table.level, table.title) == (400, "kreis", "VG2500_KRS")
    assert areas.sum() == pytest.approx(OFFICIAL_AREA_KM2, rel=0.001)
    assert areas["05566"] == pytest.approx(1795.8, rel=0.005)
    assert set(table.frame["unit_measure"]) == {"km²"}


def test_archive_without_names_gives_keys_from_the_ars(municipalities: Path) -> None:
    assert geometry.matches(read_head(municipalities))
    areas = geometry.read_geometry(municipalities)
    assert len(areas) == 10_990
    assert {"05566076", "03103000"} <= set(areas["ref_area"])
    assert areas["ref_area"].str.len().eq(8).all()
    assert areas.geometry.is_valid.all()
    assert areas.attrs["notes"] == ["37 ungültige Umrisse berichtigt"]


def test_degrees_and_metres_on_request(kreise: Path) -> None:
    west, south, east, north = geometry.read_geometry(kreise, crs=4326).total_bounds
    assert (5 < west < 7, 47 < south < 48, 14 < east < 16, 54 < north < 56) == (True,) * 4
    assert geometry.read_geometry(kreise).crs.to_epsg() == 25832


def test_simplified_areas_are_smaller_but_neither_gap_nor_overlap_arises(kreise: Path) -> None:
    whole = geometry.read_geometry(kreise)
    simple = geometry.read_geometry(kreise, tolerance=2_000)
    assert simple.count_coordinates().sum() < whole.count_coordinates().sum() / 3
    assert simple.geometry.is_valid.all() and not simple.geometry.is_empty.any()
    # shared borders stay shared: the union is as large as the sum of its parts
    assert simple.geometry.union_all().area == pytest.approx(simple.geometry.area.sum(), rel=1e-9)


def test_simplifying_says_where_the_borders_do_not_meet(municipalities: Path) -> None:
    notes = geometry.read_geometry(municipalities, tolerance=500).attrs["notes"]
    assert any(note.startswith("103 Gebiete mit Grenzen") for note in notes)


@pytest.mark.parametrize("arguments", [{"crs": 3857}, {"tolerance": -1.0}, {"tolerance": 0.0}])
def test_unknown_request_is_refused(kreise: Path, arguments: dict) -> None:
    with pytest.raises(ParameterError):
        geometry.read_geometry(kreise, **arguments)


# --- synthetic shapefiles ----------------------------------------------------------------------


def write_shapefile(folder: Path, stem: str = "VG250_GEM", **columns: list) -> Path:
    """Two squares side by side as a synthetic shapefile."""
    folder.mkdir(parents=True, exist_ok=True)
    squares = [box(400_000 + 1_000 * i, 5_700_000, 401_000 + 1_000 * i, 5_701_000) for i in (0, 1)]
    data = columns or {"AGS": ["05566076", "05566077"], "GEN": ["Grün", "Öde"]}
    path = folder / f"{stem}.shp"
    gpd.GeoDataFrame(data, geometry=squares, crs=25832).to_file(path, encoding="UTF-8")
    return path


def zipped(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


def test_synthetic_shapefile_has_names_and_areas(tmp_path: Path) -> None:
    frame = geometry.read(write_shapefile(tmp_path)).frame
    assert frame["ref_area_name"].tolist() == ["Grün", "Öde"]
    assert frame["obs_value"].tolist() == [1.0, 1.0]


def test_water_polygons_are_left_out_and_parts_of_one_key_united(tmp_path: Path) -> None:
    water = write_shapefile(tmp_path / "a", AGS=["05566076"] * 2, GF=[4, 2])
    assert geometry.read(water).frame["obs_value"].tolist() == [1.0]
    parts = write_shapefile(tmp_path / "b", AGS=["05566076"] * 2, GF=[4, 4])
    assert geometry.read(parts).frame["obs_value"].tolist() == [2.0]


@pytest.mark.parametrize("suffix", [".dbf", ".prj", ".shx"])
def test_missing_companion_is_refused(tmp_path: Path, suffix: str) -> None:
    path = write_shapefile(tmp_path)
    path.with_suffix(suffix).unlink()
    with pytest.raises(RawDataError, match=f"lacks its {suffix}"):
        geometry.read(path)


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".shx"])
def test_cut_off_part_is_refused(tmp_path: Path, suffix: str) -> None:
    path = write_shapefile(tmp_path)
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(RawDataError, match="cut off"):
        geometry.read(path)


def test_keys_without_their_zero_are_refused(tmp_path: Path) -> None:
    as_text = write_shapefile(tmp_path / "text", AGS=["5566076", "5566077"])
    as_number = write_shapefile(tmp_path / "number", AGS=[5566076, 5566077])
    for path in (as_text, as_number):
        with pytest.raises(RawDataError, match=r"zero|not text"):
            geometry.read(path)


def test_reference_system_that_does_not_fit_the_coordinates_is_refused(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    degrees = gpd.GeoSeries([Point(1, 1)], crs=4326).crs.to_wkt("WKT1_ESRI")
    path.with_suffix(".prj").write_text(degrees, encoding="utf-8")
    with pytest.raises(RawDataError, match=r"coordinates|cannot be read"):
        geometry.read(path)


def test_shapefile_without_keys_or_areas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match="no field with regional keys"):
        geometry.read(write_shapefile(tmp_path / "keys", NAME=["a", "b"]))
    points = tmp_path / "points.shp"
    gpd.GeoDataFrame({"AGS": ["05566076"]}, geometry=[Point(1, 1)], crs=25832).to_file(points)
    with pytest.raises(RawDataError, match="no areas"):
        geometry.read(points)


def test_archive_of_several_layers_gives_the_most_detailed_and_names_the_others(
    tmp_path: Path,
) -> None:
    write_shapefile(tmp_path / "in", "VG250_GEM")
    write_shapefile(tmp_path / "in", "VG250_KRS", AGS=["05566", "05570"], GEN=["a", "b"])
    path = zipped(tmp_path / "layers.zip", tmp_path / "in", "vg250/ebenen/")
    assert geometry.read(path).notes == ("weitere Ebenen im Archiv: VG250_KRS",)
    chosen = geometry.read_geometry(path, layer="VG250_KRS")
    assert chosen["ref_area"].tolist() == ["05566", "05570"]
    with pytest.raises(ParameterError, match="no such layer"):
        geometry.read_geometry(path, layer="VG250_LAN")


# --- archives ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../VG250_GEM.shp", "/tmp/VG250_GEM.shp", "..\\VG250_GEM.shp", "C:\\VG250_GEM.shp"]
)
def test_path_outside_the_folder_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "traversal.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    before = sorted(tmp_path.parent.iterdir())
    with pytest.raises(RawDataError, match="path outside its folder"):
        geometry.read(path)
    assert sorted(tmp_path.parent.iterdir()) == before


def test_archive_expanding_without_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("VG250_GEM.shp", b"\0" * (64 * limits.MEBIBYTE))
    with pytest.raises(RawDataError, match="expands without bound"):
        geometry.read(path)


def test_sum_of_members_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shapefile(tmp_path / "in")
    path = zipped(tmp_path / "sum.zip", tmp_path / "in")
    with (
        pytest.raises(RawDataError, match="expands without bound"),
        limits.open_archive(path, expanded=100),
    ):
        pass
    monkeypatch.setattr(limits, "MAX_MEMBERS", 2)
    with pytest.raises(RawDataError, match="too many members"):
        geometry.read(path)


def test_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    # the directory announces one byte for the shapefile
    write_shapefile(tmp_path / "in")
    path = zipped(tmp_path / "lie.zip", tmp_path / "in")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"VG250_GEM.shp") - 46
    content[at + 24 : at + 28] = struct.pack("<I", 1)
    path.write_bytes(content)
    with pytest.raises(RawDataError):
        geometry.read(path)


def test_cut_off_archive_is_recognised_and_refused(tmp_path: Path, municipalities: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(municipalities.read_bytes()[:100_000])
    assert geometry.matches(read_head(path))
    with pytest.raises(RawDataError, match="damaged or cut off"):
        geometry.read(path)


def test_anything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.shp"
    path.write_text("<html>", encoding="utf-8")
    with pytest.raises(RawDataError, match="neither a shapefile nor a ZIP"):
        geometry.read(path)
