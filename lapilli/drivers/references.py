"""What administrators say of things that are on a storage already."""

from collections.abc import Mapping
from typing import Final

from lapilli.model.errors import Malformed

_NAME: Final = "source-name"


def name_in(reference: Mapping[str, str]) -> str:
    """The name that a reference gives, for storages where everything has one."""
    name = reference.get(_NAME)
    if not isinstance(name, str) or not name:
        raise Malformed(f'The reference must be {{"{_NAME}": <name on the storage>}}, not {dict(reference)}.')
    return name
