"""HTML to PDF: one function for everything that is printed.

The PDF is tagged (PDF/UA-1), so that a screen reader finds headings, tables and alternative
texts; it holds no date and no random identifier, so that the same page gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.writing import whole_file


def write_pdf(html: str, path: Path) -> Path:
    """Print a self-contained page; the file is put in place whole.

    Parameters
    ----------
    html : the page; its `lang` and `title` become language and title of the document, its
        headings the bookmarks. Whatever it does not carry itself is not fetched.
    """
    from weasyprint import HTML  # loads for a second, for which other commands need not wait
    from weasyprint.urls import URLFetcher

    # a page of unknown origin must not make this machine read files or call addresses
    inside = URLFetcher(allowed_protocols={"data"})
    with whole_file(path) as partial:
        HTML(string=html, url_fetcher=inside).write_pdf(partial, pdf_variant="pdf/ua-1")
    return path
