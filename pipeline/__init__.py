"""Versorgungslabor: regional statistics turned into evidence for municipal health-care planning.

The rooms, from the roof down; each imports only rooms below it:
`cli` · `checks` · `reports` · `execution` · `figures` · `methods` · `tables` · `sources` ·
`regions` · `keys` · `provenance` · `settings` · `errors` · `deferred`.
"""

from pipeline.deferred import defer_address_grammar

defer_address_grammar()

__version__ = "0.1.0"
