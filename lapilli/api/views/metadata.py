"""How metadata looks, as JSON schemas."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.views.shapes import A_TEXT, TEXTS, Shape, always, as_text, one

SET: Final = one("metadata", always(TEXTS))
ITEM: Final = one("meta", always(A_TEXT))
SENT_SET: Final = always({"type": "object", "properties": {"metadata": TEXTS}, "required": ["metadata"]})
SENT_ITEM: Final = always({"type": "object", "properties": {"meta": A_TEXT}, "required": ["meta"]})
"""Those of snapshots come back with whatever was sent beside them."""


def with_etag(minor: int) -> Shape:
    """The set of a volume. Since it has a checksum, it is no longer sent as JSON."""
    return as_text(SET(minor)) if minor >= since.METADATA_ETAG else SET(minor)
