"""How group types look."""

from typing import Final

from lapilli.api.views import View, field
from lapilli.api.views.shapes import A_WORD, FLAG, TEXT, WORDS, always, many, one

GROUP_TYPE: Final = View(
    (
        field("id", shape=TEXT),
        field("name", shape=TEXT),
        field("description"),
        field("is_public", shape=FLAG),
        field("group_specs", rule="group:access_group_types_specs", shape=WORDS),
    )
)
LISTED: Final = many("group_types", GROUP_TYPE.shape, links="group_type_links")
SHOWN: Final = one("group_type", GROUP_TYPE.shape)
SPECS: Final = one("group_specs", always(WORDS))
SPEC: Final = always(A_WORD)
