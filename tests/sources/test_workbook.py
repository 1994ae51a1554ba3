"""Workbooks are archives too: bounded before a library unpacks them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import RawDataError
from pipeline.sources import limits, workbook


def rewrite(source: Path, target: Path, member: str, content: bytes) -> Path:
    """A copy of a workbook with one member replaced or added."""
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != member:
                new.writestr(name, old.read(name))
        new.writestr(member, content)
    return target


@pytest.fixture
def small(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["05566", 1, 2.5, None, True])
    path = tmp_path / "small.xlsx"
    book.save(path)
    return path


def test_cells_keep_their_types(small: Path) -> None:
    assert workbook.read_sheets(small) == {"Sheet": [["05566", 1.0, 2.5, "", True]]}


def test_zip_bomb_is_refused(small: Path, tmp_path: Path) -> None:
    content = b"<sheetData>" + b" " * (64 * limits.MEBIBYTE)
    bomb = rewrite(small, tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml", content)
    assert bomb.stat().st_size < limits.MEBIBYTE
    with pytest.raises(RawDataError, match="expands without bound"):
        workbook.read_sheets(bomb)


def test_path_outside_the_folder_is_refused(small: Path, tmp_path: Path) -> None:
    path = rewrite(small, tmp_path / "traversal.xlsx", "../evil.xml", b"x")
    with pytest.raises(RawDataError, match="path outside its folder"):
        workbook.read_sheets(path)


def test_two_cells_far_apart_do_not_allocate_the_sheet_between_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["XFD1048576"] = 1
    path = tmp_path / "sparse.xlsx"
    book.save(path)
    with pytest.raises(RawDataError, match="larger than any official table"):
        workbook.read_sheets(path)


@pytest.mark.parametrize(
    ("cell", "text"), [(5566.0, "5566"), (2.5, "2.5"), (" x ", "x"), (None, ""), ("", "")]
)
def test_text_of_a_cell(cell: object, text: str) -> None:
    assert workbook.cell_text(cell) == text
