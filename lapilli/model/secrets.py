"""Which names say that their values are secret."""

import re

_SECRET_NAME = re.compile(r"(password|passwd|token|secret|_key)$")


def is_secret(name: str) -> bool:
    """Whether a setting or an argument of this name holds a secret, as far as a name can tell."""
    return bool(_SECRET_NAME.search(name.lower()))
