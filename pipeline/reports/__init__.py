"""Reports: executed notebooks → pages and site."""
