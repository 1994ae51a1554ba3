"""Whatever the bytes: a reader of the GENESIS family ends in a frame or in our own error.

1. an official layout with some of its bytes changed, cut or doubled
2. text of the letters that mean something in these formats, below a recognised first line
3. arbitrary bytes
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import WorkspaceError
from pipeline.provenance import STATUS_LABELS, VALUELESS_STATUS
from pipeline.sources import genesis_classic, genesis_ffcsv, landesdatenbank
from pipeline.sources._cells import parse_cell
from pipeline.sources.base import Reader

CLASSIC = """GENESIS-Tabelle: 1-1-4
Bevölkerung - Stichtag 31.12. -;;;;
Bevölkerungsstand (Anzahl);;;;
;;;männlich;weiblich
31.12.2015;DG;Deutschland;10;-
31.12.2015;05566;  Kreis;(3);1,5
2014;;;;
31.12.2015;05;  Land;.;...
__________
"zu ""gesamter"": Stand"
Stand: 10.10.2017
"""
FLAT = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;value;value_unit;value_variable_code;"
    "value_variable_label;value_q\n"
    "12411;Stand;STAG;Stichtag;2024-12-31;KREISE;Kreise;05566;Kreis;12,5;Anzahl;BEV;Personen;e\n"
    "12411;Stand;STAG;Stichtag;2024-12-31;KREISE;Kreise;DG;Bund;-;Anzahl;BEV;Personen;\n"
)
SEEDS = [
    (genesis_classic, CLASSIC.encode()),
    (landesdatenbank, CLASSIC.replace("GENESIS-", "").encode("latin-1")),
    (genesis_ffcsv, FLAT.encode()),
]
MEANING = st.text(alphabet=';\n\r"_-./x()0123456789,eäÄé DGAnzahl\t', max_size=200)


def ends_well(reader: Reader, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(raw)
        try:
            table = reader.read(path)
        except WorkspaceError as error:
            assert error.file == str(path)
            return
    frame = table.frame
    assert len(frame) > 0
    words = frame["obs_status"].astype("str")
    assert set(words) <= set(STATUS_LABELS)
    valueless = words.isin(list(VALUELESS_STATUS))
    assert frame["obs_value"].isna().equals(pd.Series(valueless, index=frame.index))
    assert frame.loc[words == "nil", "obs_value"].eq(0.0).all()


@pytest.mark.parametrize(("reader", "seed"), SEEDS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damaged_file_ends_in_a_frame_or_our_error(
    reader: Reader, seed: bytes, data: st.DataObject
) -> None:
    raw = seed
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(start + 30, len(raw))))
        piece = data.draw(
            st.one_of(
                st.binary(max_size=6),
                MEANING.map(lambda text: text[:12].encode()),
                st.just(raw[start:end] * 2),
            )
        )
        raw = raw[:start] + piece + raw[end:]
    ends_well(reader, raw)


@pytest.mark.parametrize(("reader", "seed"), SEEDS)
@settings(max_examples=40, deadline=None)
@given(text=MEANING)
def test_meaningful_letters_below_the_first_line(reader: Reader, seed: bytes, text: str) -> None:
    ends_well(reader, seed.split(b"\n")[0] + b"\n" + text.encode())


@pytest.mark.parametrize("reader", [genesis_classic, landesdatenbank, genesis_ffcsv])
@settings(max_examples=25, deadline=None)
@given(raw=st.binary(max_size=300))
def test_arbitrary_bytes(reader: Reader, raw: bytes) -> None:
    ends_well(reader, raw)


@given(number=st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_number_is_read_back_with_either_decimal_mark(number: object) -> None:
    for mark in (",", "."):
        assert parse_cell(str(number).replace(".", mark), mark) == (float(str(number)), "")
