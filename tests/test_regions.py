"""Regions: the ten model regions, any other municipality, and what is near a mistyped one."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.errors import UnknownRegionError
from pipeline.regions import MODEL_REGIONS, find_region, kv_of_kreis

MUNICIPALITIES = pd.DataFrame(
    [
        ("05566076", "Rheine, Stadt"),
        ("05566028", "Ibbenbüren, Stadt"),
        ("03103000", "Wolfsburg, Stadt"),
        ("05570028", "Oelde, Stadt"),
        ("03151001", "Adenbüttel"),
        ("03158001", "Adenbüttel"),  # invented second one of the same name
    ],
    columns=["ags", "name"],
)


def test_model_regions_are_those_of_the_projects() -> None:
    assert {slug: region.members for slug, region in MODEL_REGIONS.items()} == {
        "rheine-neuenkirchen": ("05566076", "05566060"),
        "bocholt-rhede-isselburg": ("05554008", "05554048", "05554032"),
        "oelde": ("05570028",),
        "luedinghausen": ("05558024",),
        "lengerich-tecklenburg": ("05566032", "05566040", "05566044", "05566088"),
        "doerentrup": ("05766024",),
        "kalletal": ("05766036",),
        "warburg": ("05762036",),
        "wolfsburg": ("03103000",),
        "lippstadt": ("05974028",),
    }


def test_group_is_compared_with_kreis_land_and_germany() -> None:
    region = MODEL_REGIONS["lengerich-tecklenburg"]
    assert region.is_group
    assert (region.kreis, region.land_name) == ("05566", "Nordrhein-Westfalen")
    assert region.benchmarks == ("05566", "05", "DG")
    assert region.place.level == "region"


def test_kreisfreie_stadt_is_its_own_kreis() -> None:
    region = MODEL_REGIONS["wolfsburg"]
    assert (region.areas, region.kreis, region.is_kreis) == (("03103",), "03103", True)
    assert region.benchmarks == ("03", "DG")


@pytest.mark.parametrize("key", ["03103000", "03103", "Wolfsburg", "wolfsburg"])
def test_kreisfreie_stadt_is_found_by_every_key(key: str) -> None:
    assert find_region(key, MUNICIPALITIES).members == ("03103000",)


def test_any_other_municipality_is_found_by_its_key() -> None:
    region = find_region("05566028", MUNICIPALITIES)
    assert (region.slug, region.name, region.kv) == ("05566028", "Ibbenbüren", "KV:Westfalen-Lippe")


def test_unknown_region_offers_the_nearest_names() -> None:
    with pytest.raises(UnknownRegionError) as caught:
        find_region("reine", MUNICIPALITIES)
    assert "rheine-neuenkirchen" in str(caught.value.expected)
    assert "05566076 (Rheine)" in str(caught.value.expected)


def test_name_of_several_municipalities_is_refused_with_their_keys() -> None:
    with pytest.raises(UnknownRegionError) as caught:
        find_region("Adenbüttel", MUNICIPALITIES)
    assert "03151001" in str(caught.value.expected) and "03158001" in str(caught.value.expected)


@pytest.mark.parametrize(
    ("kreis", "kv"),
    [("05111", "KV:Nordrhein"), ("05315", "KV:Nordrhein"), ("05974", "KV:Westfalen-Lippe"),
     ("03103", "KV:Niedersachsen")],
)  # fmt: skip
def test_nordrhein_westfalen_has_two_associations(kreis: str, kv: str) -> None:
    assert kv_of_kreis(kreis) == kv
