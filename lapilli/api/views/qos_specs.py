"""How QoS specs look, and the volume types that have them."""

from typing import Final

from lapilli.api.views import View, field
from lapilli.api.views.shapes import LINKS, TEXT, WORDS, Shape, always, many, one, whole

QOS_SPECS: Final = View(
    (
        field("id", shape=TEXT),
        field("name", shape=TEXT),
        field("consumer", shape=TEXT),
        field("specs", shape=WORDS),
    )
)


def shown(minor: int) -> Shape:
    """The body of an answer that shows QoS specs."""
    return whole({"qos_specs": QOS_SPECS.shape(minor), "links": LINKS})


LISTED: Final = many("qos_specs", QOS_SPECS.shape, links="qos_specs_links")
UPDATED: Final = one("qos_specs", always(WORDS))
ASSOCIATIONS: Final = many("qos_associations", always(whole(dict.fromkeys(("association_type", "name", "id"), TEXT))))
