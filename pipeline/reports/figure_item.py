"""A figure outside a notebook, with its files inside the page, as `parts.html.j2` wants it."""

from __future__ import annotations

from typing import Any

from pipeline.figures.contract import Figure
from pipeline.reports.chapter import csv_text
from pipeline.reports.scripts import data_uri


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
