"""Names of places in OpenStreetMap that are not those of persons.

The rule. Practices, care services, midwives and counselling mostly bear the name of who works
there, so a name is kept only if all its words are known to say what the place is, who runs it as a
body, or where it lies; else the kind of place stands in its stead. Pharmacies, hospitals and homes
have names of their own; these are kept unless they show a person (a title, "Inhaber").
A surname that is a pharmacy's own name ("Müllersche Apotheke") stays: it is a business name.
A website follows the same rule, as its address mostly repeats the name.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pipeline.sources.site_details import web_address

#: What stands for a place whose name is dropped.
FALLBACK = {
    "counselling": "Beratungsstelle",
    "day_care": "Tagespflege",
    "dentistry": "Zahnarztpraxis",
    "general_practice": "Hausarztpraxis",
    "home_care": "Ambulanter Pflegedienst",
    "hospital": "Krankenhaus",
    "medical_practice": "Arztpraxis",
    "midwifery": "Hebamme",
    "mvz": "Medizinisches Versorgungszentrum",
    "pharmacy": "Apotheke",
    "psychotherapy": "Psychotherapeutische Praxis",
    "residential_care": "Pflegeheim",
    "specialist_practice": "Facharztpraxis",
    "therapy": "Therapiepraxis",
}
#: Kinds that have names of their own; all others mostly bear the name of who works there.
NAMED_KINDS = frozenset({"day_care", "hospital", "pharmacy", "residential_care"})
_PERSON = re.compile(
    r"\b(dr|prof|dipl|med|inh|inhaber(in)?|frau|herr|hausarzt|fachärzt\w*|e\.\s?k)\b\.?",
    re.IGNORECASE,
)
_MVZ = re.compile(r"\b(MVZ|Medizinisches Versorgungszentrum)\b", re.IGNORECASE)
#: Words that say what a place is, who carries it, or its legal form.
_PLAIN_WORDS = """
mvz medizinisches medizinische versorgungszentrum gesundheitszentrum ärztehaus ärztezentrum
facharztzentrum praxisklinik klinik klinikum tagesklinik krankenhaus hospital ambulanz
ambulantes ambulante zentrum praxis praxisgemeinschaft gemeinschaftspraxis hausarztpraxis
hausarztzentrum arztpraxis arztpraxen notdienstpraxis notfallpraxis bereitschaftsdienst
ärztlicher ärztliche allgemeinmedizin innere medizin kinderarztpraxis kinder jugendmedizin
frauenarztpraxis augenarztpraxis augenklinik radiologie dialyse dialysezentrum physiotherapie
ergotherapie logopädie krankengymnastik therapiezentrum rehazentrum reha podologie
psychotherapie psychotherapeutische hebammenpraxis geburtshaus beratungsstelle beratung
suchtberatung suchthilfe drogenberatung familienberatung erziehungsberatung lebensberatung
schwangerschaftsberatung schwangerenberatung sozialpsychiatrischer dienst gesundheitsamt kreis
stadt gemeinde landkreis caritas caritasverband diakonie diakonisches diakoniestation werk drk
deutsches rotes kreuz awo arbeiterwohlfahrt malteser johanniter asb paritätischer pro familia
donum vitae skf skm kv kvwl gmbh ggmbh ag ev e.v. gbr am an im in der die das des den dem bei
vom zum zur für und & mit ost west nord süd mitte markt bahnhof rathaus
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
_TOKEN = re.compile(r"[\wäöüÄÖÜß.&]+")


def public_name(kind: str, name: str, city: str = "") -> str:
    """A name that may be shown: the given one, or the kind of place.

    Parameters
    ----------
    kind : key of `FALLBACK`.
    name : the tag `name`; `city`: the tag `addr:city`, whose words are no person's.
    """
    given = " ".join(name.split())
    is_persons = kind not in NAMED_KINDS and not _is_plain(given, city)
    return FALLBACK[kind] if not given or is_persons or _PERSON.search(given) else given


def public_website(kind: str, address: str, name: str, city: str = "") -> str:
    """A web address that shows no person, or nothing.

    Places with names of their own keep it unless name or address shows a person. Of the others
    only the host is kept, as a path may name who works there, and only if name and host are made
    of plain words.

    Parameters
    ----------
    kind, name, city : as for `public_name`.
    address : the tag with the website, as mapped.
    """
    found = web_address(address)
    if not found or _PERSON.search(f"{name} {found}"):
        return ""
    if kind in NAMED_KINDS:
        return found
    scheme, host, *_ = urlsplit(found)
    words = re.sub(r"^www\d?\.|\.[^.]+$", "", host).replace("-", " ").replace(".", " ")
    is_named = bool(name.strip())
    return f"{scheme}://{host}" if is_named and _is_plain(f"{name} {words}", city) else ""


def shows_person(name: str) -> bool:
    """Whether a name bears a title or says who owns the place: then it names a person."""
    return _PERSON.search(name) is not None


def is_centre(name: str) -> bool:
    """Whether the name says that the place is a Medizinisches Versorgungszentrum."""
    return _MVZ.search(name) is not None


def _is_plain(name: str, city: str) -> bool:
    """Whether every word says what, who as a body, or where."""
    places = {word.casefold() for word in _TOKEN.findall(city)}
    words = [word.casefold() for word in _TOKEN.findall(name)]
    return all(word in _PLAIN or word in places or word.strip(".").isdigit() for word in words)
