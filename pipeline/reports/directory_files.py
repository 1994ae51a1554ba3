"""The directory as files for others: CSV for a spreadsheet, JSON-LD in the words of schema.org."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.reports.directory import Directory, Offer

#: Kind of offer → type of schema.org; where there is no closer one, a medical business.
SCHEMA_TYPES: Mapping[str, str] = {
    "general_practice": "Physician",
    "specialist_practice": "Physician",
    "mvz": "MedicalClinic",
    "dentistry": "Dentist",
    "pharmacy": "Pharmacy",
    "hospital": "Hospital",
    "counselling": "LocalBusiness",
    "prevention": "LocalBusiness",
}
_LICENCE_TEXTS = {
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "DL-DE-BY-2.0": "https://www.govdata.de/dl-de/by-2-0",
}
COLUMNS = [
    "Bereich", "Name", "Straße", "Postleitzahl", "Ort", "Gemeinde", "AGS", "barrierefrei",
    "Sprachen", "Internet", "Länge", "Breite", "Stand", "Quelle", "Lizenz", "Hinweis",
]  # fmt: skip


def csv_rows(directory: Directory) -> list[list[object]]:
    """The offers as rows of `COLUMNS`."""
    return [
        [
            offer.kind_name, offer.name, offer.street, offer.postcode, offer.city, offer.place,
            offer.ags, offer.access, offer.language_words, offer.website,
            _coordinate(offer.longitude), _coordinate(offer.latitude), offer.day,
            directory.sources[offer.source_id]["attribution"],
            directory.sources[offer.source_id]["licence_name"], offer.remark,
        ]
        for offer in directory.offers
    ]  # fmt: skip


def _coordinate(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.6f}"


def schema_org(directory: Directory) -> dict[str, Any]:
    """The offers as JSON-LD in the vocabulary of schema.org, each with the set it comes from."""
    sets = [
        _without_empty(
            {
                "@type": "Dataset",
                "@id": f"#{name}",
                "name": record["title"],
                "creator": {"@type": "Organization", "name": record["producer"]},
                "creditText": record["attribution"],
                "license": _LICENCE_TEXTS.get(record["licence"], record["licence_name"]),
            }
        )
        for name, record in directory.sources.items()
    ]
    return {
        "@context": "https://schema.org",
        "@graph": [*sets, *(_schema_item(offer) for offer in directory.offers)],
    }


def _schema_item(offer: Offer) -> dict[str, Any]:
    access = {"ja": True, "nein": False}.get(offer.access)
    address = _without_empty(
        {
            "@type": "PostalAddress",
            "streetAddress": offer.street,
            "postalCode": offer.postcode,
            "addressLocality": offer.city or offer.place,
            "addressCountry": "DE",
        }
    )
    geo = None
    if offer.longitude is not None and offer.latitude is not None:
        geo = {
            "@type": "GeoCoordinates",
            "latitude": offer.latitude,
            "longitude": offer.longitude,
        }
    feature = None
    if access is not None:
        feature = {
            "@type": "LocationFeatureSpecification",
            "name": "barrierefrei",
            "value": access,
        }
    return _without_empty(
        {
            "@type": SCHEMA_TYPES.get(offer.kind, "MedicalBusiness"),
            "name": offer.name,
            "address": address,
            "geo": geo,
            "amenityFeature": feature,
            "knowsLanguage": list(offer.languages),
            "url": offer.website,
            "subjectOf": {"@id": f"#{offer.source_id}"},
        }
    )


def _without_empty(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value not in (None, "", [])}
