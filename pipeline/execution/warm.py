"""What every child would otherwise do again: find fonts, read locale data, draw a first chart."""

from __future__ import annotations

from pipeline.figures import charts, german


def draw_once() -> None:
    """Draw a chart that nobody sees; matplotlib and Babel keep what they looked up for it."""
    label = german.number(1234.5, 1)
    charts.bar_panels([("A", [charts.Bar(label="a", value=1.0, printed=label)])], "A")
