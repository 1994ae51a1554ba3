"""Sphinx: the documentation as a site that needs no internet, search included.

`generated.py` beside this file fills the pages on commands and tables from the code, at each build.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pipeline import __version__

project = "Versorgungslabor"
author = "The Versorgungslabor contributors"
project_copyright = "%Y The Versorgungslabor contributors, CC BY 4.0"
version = release = __version__
language = "en"

extensions = ["myst_nb", "generated"]
source_suffix = {".md": "myst-nb"}
# README.md is the map for readers on a code host; index.md is that of the site
exclude_patterns = ["README.md"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nitpicky = True
# -- in front of an option is no dash
smartquotes = False

FONTS = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"

html_theme = "alabaster"
html_title = f"Versorgungslabor {release}"
html_static_path = ["static"]
html_css_files = ["docs.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "description": "Regional statistics into evidence for municipal health-care planning",
    "fixed_sidebar": True,
    "page_width": "1160px",
    "sidebar_width": "250px",
    "body_max_width": "50rem",
    "link": "#0072B2",
    "link_hover": "#005a8c",
    "font_family": FONTS,
    "head_font_family": FONTS,
    "font_size": "16px",
    "show_powered_by": False,
    "show_relbars": True,
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
