"""Choosing a region and a reference date in JupyterLab, and seeing a figure follow the choice.

Where ipywidgets is not installed the choice is the notebook's parameters, and the list of regions
is printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from IPython.display import clear_output, display

from pipeline.errors import WorkspaceError
from pipeline.figures.prose import notice
from pipeline.regions import MODEL_REGIONS, short_name
from pipeline.settings import region_parameters
from pipeline.tables import storage
from pipeline.tables.workspace import Workspace, open_workspace

#: What draws for a workspace: a figure, a table, a sentence.
Show = Callable[[Workspace], object]
Options = Sequence[tuple[str, str]]


class Choice:
    """A region and a reference date, as the parameters of the notebook give them.

    Attributes
    ----------
    region : slug of a model region or AGS: what the parameter `region` takes.
    reference_date : Stichtag: nothing newer is shown.
    options : (label for readers, value of `region`) of everything that can be chosen.
    """

    def __init__(self, region: str, reference_date: dt.date, options: Options) -> None:
        self.region = region
        self.reference_date = reference_date
        self.options = options

    @property
    def workspace(self) -> Workspace:
        """The tables for what is chosen now."""
        return open_workspace(self.region, self.reference_date)

    def follow(self, show: Show) -> object:
        """What `show` makes of the choice."""
        return show(self.workspace)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        rows = (f"{value}: {label}" for label, value in self.options)
        return {"text/plain": "\n".join([f"region = {self.region!r}", *rows])}


class WidgetChoice(Choice):
    """The same, chosen with two fields; what follows the choice is drawn again at each change."""

    def __init__(self, region: str, reference_date: dt.date, options: Options) -> None:
        import ipywidgets

        super().__init__(region, reference_date, options)
        style = {"description_width": "6em"}
        self.region_field = ipywidgets.Dropdown(
            options=options, value=region, description="Region", style=style
        )
        self.date_field = ipywidgets.DatePicker(
            value=reference_date, description="Stichtag", style=style
        )
        self.fields = ipywidgets.VBox([self.region_field, self.date_field])
        for field in self.fields.children:
            field.observe(self._take, "value")
        self._followers: list[Callable[[], None]] = []

    def _take(self, _change: object) -> None:
        self.region = self.region_field.value
        # an emptied date field means the last valid date
        self.reference_date = self.date_field.value or self.reference_date
        for draw in self._followers:
            draw()

    def follow(self, show: Show) -> object:
        """What `show` makes of the choice, now and after each change."""
        import ipywidgets

        output = ipywidgets.Output()

        def draw() -> None:
            with output:
                clear_output(wait=True)
                display(_shown(show, self.workspace))

        self._followers.append(draw)
        draw()
        return output

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        return self.fields._repr_mimebundle_()


def _shown(show: Show, workspace: Workspace) -> object:
    """What `show` makes; a reason in words where the data of this choice do not allow it."""
    try:
        return show(workspace)
    except WorkspaceError as error:
        return notice([str(error)], "no-data")


def region_options(municipalities: pd.DataFrame) -> list[tuple[str, str]]:
    """(label, value of the parameter `region`): model regions, then municipalities by name.

    Parameters
    ----------
    municipalities : one row a municipality, columns `ags` and `name`.
    """
    models = [(region.name, slug) for slug, region in MODEL_REGIONS.items()]
    alone = {region.members[0] for region in MODEL_REGIONS.values() if not region.is_group}
    rows = zip(municipalities["ags"], municipalities["name"], strict=True)
    others = [(f"{short_name(name)} ({ags})", str(ags)) for ags, name in rows if ags not in alone]
    return [*models, *sorted(others)]


def choose(region: str, reference_date: str | dt.date) -> Choice:
    """Fields to choose region and reference date; `region` and `reference_date` stand first.

    Raises
    ------
    ParameterError : a parameter of the wrong type.
    UnknownRegionError : with the nearest names.
    """
    given = region_parameters(region=region, reference_date=reference_date)
    found = open_workspace(given.region, given.reference_date).region.slug
    # of a model region of one municipality the AGS is as good as the slug
    slugs = {r.members[0]: slug for slug, r in MODEL_REGIONS.items() if not r.is_group}
    chosen = slugs.get(found, found)
    options = region_options(storage.read("municipalities"))
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return Choice(chosen, given.reference_date, options)
    return WidgetChoice(chosen, given.reference_date, options)
