"""A figure outside a notebook, with its files inside the page, as `parts.html.j2` wants it."""

from __future__ import annotations

import base64
from typing import Any

from pipeline.figures.contract import Figure
from pipeline.reports.chapter import csv_text


def figure_item(figure: Figure) -> dict[str, Any]:
    """The contract of a figure with image, SVG, PNG and CSV as data addresses."""
    columns = [str(name) for name in figure.data.columns]
    svg = data_uri("image/svg+xml", figure.picture.svg.encode("utf-8"))
    csv = csv_text(columns, figure.data.to_numpy(dtype=object).tolist()).encode("utf-8")
    return {
        **figure.payload(),
        "image": svg,
        "svg": svg,
        "png": f"data:image/png;base64,{figure.picture.png}",
        "csv": data_uri("text/csv", csv),
    }


def data_uri(mime: str, content: bytes) -> str:
    """Bytes as an address that holds them."""
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
