"""The pages in English, made from the finished German ones.

`sentences` cuts a text, `slots` takes out what varies: numbers and days (`forms`) and what keeps
its name (`names`). `catalogue` holds the translations, `composition` puts labels and lists together
from known parts, `translator` turns a sentence into English, `page` and `pictures` walk through
HTML and drawings, `edition` writes ``reports/en/``, `upkeep` keeps the catalogues in step with the
pages.
"""
