"""Administrative areas of the BKG (VG250, VG1000, VG2500) from a shapefile or its ZIP.

Bundesamt für Kartographie und Geodäsie, "Verwaltungsgebiete": layers by level (STA, LAN, RBZ,
KRS, VWG, GEM), keys in AGS and ARS, names in GEN. The files are in ETRS89 / UTM 32N (EPSG:25832).
"""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, GeometryError
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError

from pipeline.errors import ParameterError, RawDataError
from pipeline.keys import level_of_key, normalise_key
from pipeline.sources.base import Head, LongTable
from pipeline.sources.limits import MAX_ARCHIVE_BYTES, check_size, copy_member, open_archive

FORMAT = "geometry"
LOOKS_LIKE = "a shapefile (.shp with .dbf, .shx, .prj), or a ZIP that holds one (VG250, VG2500)"

UTM32 = 25832
WGS84 = 4326
SQUARE_METRES_PER_KM2 = 1_000_000

#: What the libraries raise for damaged records, outlines, reference systems and encodings.
_LIBRARY_ERRORS = (
    DataSourceError,
    DataLayerError,
    GeometryError,
    ShapelyError,
    ProjError,
    ValueError,
    LookupError,
    NameError,  # pyogrio leaves a variable unset when the .prj file is damaged
)
_COMPANIONS = (".dbf", ".prj", ".shx")
_SUFFIXES = (".shp", *_COMPANIONS, ".cpg")
_SHAPEFILE_MAGIC = bytes.fromhex("0000270a")
#: Layers from the most to the least detailed; the first that an archive holds is read.
_LAYERS_BY_DETAIL = ("GEM", "VWG", "KRS", "RBZ", "LAN", "STA")
_KEY_FIELDS = ("AGS", "ARS", "RS")
_NAME_FIELDS = ("GEN", "NAME")
#: Assumption, the BKG's documentation was not at hand: in the field GF (Geofaktor), 4 is land with
#: structure, and an area by the sea or a lake has a second polygon for its water. VG2500 has 9
#: throughout, so nothing is left out there.
_LAND = 4
_GF_FIELD = "GF"


def matches(head: Head) -> bool:
    """Whether the file is a shapefile, or a ZIP with one."""
    if head.raw.startswith(_SHAPEFILE_MAGIC):
        return True
    if not head.is_zip:
        return False
    try:
        with zipfile.ZipFile(head.path) as archive:
            return any(name.lower().endswith(".shp") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # a cut-off archive has lost its list at the end; the first member's name still stands
        return re.search(rb"^PK\x03\x04.{26}[^\x00]{0,200}\.(shp|dbf)", head.raw, re.S) is not None


def read(path: Path) -> LongTable:
    """Area of each territory, computed from its polygon in EPSG:25832.

    The area of generalised outlines is no official figure (VG2500 of all Kreise sums to
    357,578 km², the official area is 357,600).
    """
    areas = read_geometry(path, crs=UTM32)
    levels = {level_of_key(key) for key in areas["ref_area"]}
    frame = pd.DataFrame(areas[["ref_area", "ref_area_name"]]).assign(
        time_period="",
        measure="Fläche aus der Geometrie",
        unit_measure="km²",
        obs_value=areas.geometry.area / SQUARE_METRES_PER_KM2,
        obs_status="",
    )
    return LongTable(
        format=FORMAT,
        table=None,
        title=str(areas.attrs["layer"]),
        encoding=str(areas.attrs["encoding"]),
        level=levels.pop() if len(levels) == 1 else None,
        frame=frame,
        notes=tuple(areas.attrs["notes"]),
        path=path,
    )


def read_geometry(
    path: Path, crs: int = UTM32, tolerance: float | None = None, layer: str | None = None
) -> gpd.GeoDataFrame:
    """Areas as polygons, one row a territory.

    Parameters
    ----------
    path : `.shp` (with its companions beside it), or a ZIP that holds shapefiles.
    crs : 25832 (metres) or 4326 (degrees).
    tolerance : simplify for the web: corners whose triangle is smaller than about tolerance²
        square metres are left out (`shapely.coverage_simplify`, Visvalingam-Whyatt). Borders that
        two areas share stay shared, so no gaps or overlaps arise *where the input has none*;
        where its borders do not meet exactly (the notes count such areas), each side is
        simplified for itself. None keeps every corner.
    layer : name of a layer in the archive (`VG250_KRS`); without it the most detailed one.

    Returns
    -------
    `ref_area` (text; an ARS of 12 digits as AGS), `ref_area_name` (empty where the file has no
    names), `geometry` (Polygon or MultiPolygon, valid). Water polygons of a territory are left
    out, further polygons of one key are united. `attrs`: `layer`, `encoding`, `notes`.

    Raises
    ------
    RawDataError : a companion is missing, the file is cut off, an archive is not to be trusted,
        no field with keys.
    ParameterError : another reference system, a negative tolerance, an unknown layer.
    """
    if crs not in (UTM32, WGS84):
        raise ParameterError(
            "this reference system is not offered", found=crs, expected="25832 or 4326"
        )
    if tolerance is not None and not 0 < tolerance < float("inf"):
        raise ParameterError(
            "the tolerance is no length", found=tolerance, expected="metres above 0, or None"
        )
    with _shapefile(path, layer) as (shapefile, name, others):
        _check_shapefile(path, shapefile)
        raw, encoding = _read_shapefile(path, shapefile)
    notes = [f"weitere Ebenen im Archiv: {', '.join(others)}"] if others else []
    try:
        areas = _tidy(path, raw, notes)
        if tolerance is not None:
            areas = _simplify(areas, tolerance, notes)
        areas = areas.to_crs(crs)
    except (ShapelyError, ProjError) as error:
        raise _unreadable(path, error) from error
    areas.attrs = {"layer": name, "encoding": encoding, "notes": notes}
    return areas


@contextmanager
def _shapefile(path: Path, layer: str | None) -> Iterator[tuple[Path, str, list[str]]]:
    """The `.shp` to read, the layer's name, and the names of the archive's other layers."""
    check_size(path, MAX_ARCHIVE_BYTES)
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic == _SHAPEFILE_MAGIC:
        yield path, path.stem, []
    elif magic == b"PK\x03\x04":
        with tempfile.TemporaryDirectory(prefix="versorgungslabor-") as folder:
            yield _unpack(path, layer, Path(folder))
    else:
        raise RawDataError(
            "neither a shapefile nor a ZIP",
            file=path,
            found=magic,
            expected=LOOKS_LIKE,
            remedy="name the .shp file or the downloaded archive",
        )


def _unpack(path: Path, layer: str | None, folder: Path) -> tuple[Path, str, list[str]]:
    with open_archive(path) as archive:
        members = {
            PurePosixPath(member.filename.replace("\\", "/")): member
            for member in archive.infolist()
            if not member.is_dir()
        }
        layers = {name.stem: name for name in members if name.suffix.lower() == ".shp"}
        chosen = _choose_layer(path, sorted(layers), layer)
        stem = layers[chosen].with_suffix("")
        for name, member in members.items():
            if name.with_suffix("") == stem and name.suffix.lower() in _SUFFIXES:
                # a name of our own: nothing of the archive's paths reaches the disk
                with (folder / f"layer{name.suffix.lower()}").open("wb") as target:
                    copy_member(archive, member, target)
    return folder / "layer.shp", chosen, [name for name in sorted(layers) if name != chosen]


def _choose_layer(path: Path, layers: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in layers:
        raise ParameterError(
            "the archive has no such layer", file=path, found=wanted, expected=", ".join(layers)
        )
    if wanted is not None or len(layers) == 1:
        return wanted or layers[0]
    for ending in _LAYERS_BY_DETAIL:
        fitting = [name for name in layers if name.upper().endswith(f"_{ending}")]
        if len(fitting) == 1:
            return fitting[0]
    raise RawDataError(
        "the archive does not say which layer is meant",
        file=path,
        found=", ".join(layers) or "no shapefile",
        expected="one layer, or layers named like VG250_GEM",
        remedy="name the layer, or unpack the archive and name its .shp",
    )


def _check_shapefile(path: Path, shapefile: Path) -> None:
    """Refuse a shapefile that lacks a companion or its end; the library would fill in."""
    companions = {
        other.suffix.lower(): other
        for other in shapefile.parent.iterdir()
        if other.stem == shapefile.stem
    }
    for suffix in _COMPANIONS:
        if suffix not in companions:
            raise RawDataError(
                f"the shapefile lacks its {suffix} file",
                file=path,
                expected=", ".join((".shp", *_COMPANIONS)),
                remedy="keep all files of the download together; .dbf holds the keys, .prj the "
                "reference system",
            )
        check_size(companions[suffix], MAX_ARCHIVE_BYTES)
    _check_length(path, shapefile, _announced_shp)
    _check_length(path, companions[".shx"], _announced_shp)
    _check_length(path, companions[".dbf"], _announced_dbf)


def _announced_shp(header: bytes) -> int:
    return int(struct.unpack(">i", header[24:28])[0]) * 2  # counted in 16-bit words


def _announced_dbf(header: bytes) -> int:
    records, header_length, record_length = struct.unpack("<IHH", header[4:12])
    return int(header_length + records * record_length)


def _check_length(path: Path, part: Path, announced: Callable[[bytes], int]) -> None:
    size = part.stat().st_size
    with part.open("rb") as stream:
        header = stream.read(32)
    expected = announced(header) if len(header) == 32 else 32
    # one byte more (an end mark) is usual, one byte less is not the end of a whole file
    if size < max(expected, 32):
        raise RawDataError(
            f"the {part.suffix} file is cut off",
            file=path,
            found=f"{size:,} bytes",
            expected=f"{expected:,} bytes, as its header says",
            remedy="download it again",
        )


def _read_shapefile(path: Path, shapefile: Path) -> tuple[gpd.GeoDataFrame, str]:
    cpg = shapefile.with_suffix(".cpg")
    encoding = cpg.read_text("latin-1").strip()[:20] if cpg.is_file() else "UTF-8"
    try:
        frame = _read_with(path, shapefile, encoding)
    except UnicodeDecodeError:
        encoding = "ISO-8859-1"
        frame = _read_with(path, shapefile, encoding)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise RawDataError(
            "the .prj file does not name a reference system",
            file=path,
            expected="ETRS89 / UTM 32N (EPSG:25832) or another known one",
            remedy="download the shapefile again with its .prj",
        )
    return frame, encoding.lower()


def _read_with(path: Path, shapefile: Path, encoding: str) -> gpd.GeoDataFrame:
    try:
        return gpd.read_file(shapefile, engine="pyogrio", encoding=encoding)
    except UnicodeDecodeError:
        raise  # the caller tries the other encoding
    except _LIBRARY_ERRORS as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> RawDataError:
    return RawDataError(
        f"the shapefile cannot be read ({error})", file=path, remedy="download it again"
    )


def _tidy(path: Path, raw: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Land polygons with key and name in EPSG:25832, one row a key, all valid."""
    frame = _land_only(raw, notes)
    empty = frame.geometry.isna() | frame.geometry.is_empty
    if frame.empty or empty.any():
        raise RawDataError(
            "a territory without polygon" if len(frame) else "a shapefile without territories",
            file=path,
            row=int(empty.to_numpy().argmax()) + 1 if len(frame) else None,
            expected="a polygon for each record",
            remedy="download the shapefile again",
        )
    if not frame.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        raise RawDataError(
            "these are no areas",
            file=path,
            found=sorted(frame.geom_type.unique()),
            expected="polygons",
            remedy="take the layer of areas, not that of borders or points",
        )
    areas = gpd.GeoDataFrame(
        {"ref_area": _keys(path, frame), "ref_area_name": _names(frame)},
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    ).to_crs(UTM32)
    if not np.isfinite(areas.geometry.bounds.to_numpy()).all():
        raise RawDataError(
            "coordinates that the reference system does not know",
            file=path,
            found=str(frame.crs),
            expected="coordinates in the system that the .prj file names",
            remedy="download the shapefile again with its own .prj",
        )
    invalid = ~areas.geometry.is_valid
    if invalid.any():
        areas.loc[invalid, "geometry"] = areas.loc[invalid].geometry.make_valid().map(_polygons)
        notes.append(f"{int(invalid.sum())} ungültige Umrisse berichtigt")
    if areas["ref_area"].duplicated().any():
        areas = areas.dissolve("ref_area", aggfunc="first", as_index=False)
        areas = areas[["ref_area", "ref_area_name", "geometry"]]
    return areas


def _land_only(raw: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    if _GF_FIELD not in raw.columns:
        return raw
    factor = pd.to_numeric(raw[_GF_FIELD], errors="coerce")
    if not factor.eq(_LAND).any() or factor.eq(_LAND).all():
        return raw
    notes.append(f"{int(factor.ne(_LAND).sum())} Flächen ohne GF 4 (Gewässer) weggelassen")
    return raw[factor.eq(_LAND)]


def _polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """The areal part of a geometry: mending an outline may leave stray lines."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if "Polygon" in part.geom_type]
    return shapely.union_all(parts)


def _keys(path: Path, frame: gpd.GeoDataFrame) -> list[str]:
    field = next((name for name in _KEY_FIELDS if name in frame.columns), None)
    if field is None:
        raise RawDataError(
            "the shapefile has no field with regional keys",
            file=path,
            found=", ".join(str(name) for name in frame.columns),
            expected="one of " + ", ".join(_KEY_FIELDS),
            remedy="take a layer of VG250, VG1000 or VG2500",
        )
    return [
        normalise_key(key, file=path, row=number, column=field)
        for number, key in enumerate(frame[field], start=1)
    ]


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    field = next((name for name in _NAME_FIELDS if name in frame.columns), None)
    return [""] * len(frame) if field is None else frame[field].fillna("").astype(str).tolist()


def _simplify(areas: gpd.GeoDataFrame, tolerance: float, notes: list[str]) -> gpd.GeoDataFrame:
    polygons = areas.geometry.to_numpy()
    edges = shapely.coverage_invalid_edges(polygons)
    unmatched = int((~shapely.is_empty(edges)).sum())
    if unmatched:
        notes.append(
            f"{unmatched} Gebiete mit Grenzen, die nicht genau aufeinanderliegen: dort können "
            "beim Vereinfachen kleine Lücken entstehen"
        )
    simplified = areas.set_geometry(shapely.coverage_simplify(polygons, tolerance))
    notes.append(f"Umrisse vereinfacht, Toleranz {tolerance:g} m")
    return simplified.set_crs(areas.crs)
