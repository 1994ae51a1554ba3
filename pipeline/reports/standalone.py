"""A region's report as one file for e-mail: nothing beside it is needed, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.reports.rewrite import Attributes, has_class, leads_elsewhere, rewritten
from pipeline.writing import write_bytes

#: What many mail servers still let pass, with room for the letter.
MOST_BYTES = 5_000_000


def standalone(html: str) -> str:
    """A page of the site as a single file.

    Links to other pages become text. Pictures for saving lie beside the page on the site and are
    left out: the picture that is shown is the same drawing. The data of the figures stay in it.
    """
    return rewritten(html, drop=_needs_a_site, unwrap=leads_elsewhere)


def _needs_a_site(tag: str, attributes: Attributes, around: Sequence[str]) -> bool:
    is_elsewhere = leads_elsewhere(tag, attributes)
    # a list of pages that are not there tells nothing; a link in a sentence does
    is_list = is_elsewhere and ("download" in attributes or "footer" in around)
    return is_list or has_class(attributes, "crumb", "only-site")


def write_standalone(pages: Iterable[Path], folder: Path) -> list[Path]:
    """Write pages of the site as single files into `folder`, under their own names.

    Raises
    ------
    VerificationError : a file that is too large to be mailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for page in pages:
        content = standalone(page.read_text(encoding="utf-8")).encode("utf-8")
        if len(content) > MOST_BYTES:
            raise VerificationError(
                "the single file is too large to be mailed",
                file=page,
                found=f"{len(content):,} bytes",
                expected=f"at most {MOST_BYTES:,}",
                remedy="take chapters with many pictures out of params.yaml, or send the PDF",
            )
        written.append(write_bytes(folder / page.name, content))
    return written
