"""What a restricted application credential may call: its access rules, as Keystone keeps them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

# `{tag}` and `*` are one segment of a path, `**` any number of them.
_PART = re.compile(r"(?P<one>\{[^}]*\}|\*(?!\*))|(?P<all>\*\*)|(?P<text>.)", re.DOTALL)


@dataclass(frozen=True)
class AccessRule:
    """One kind of request that is permitted: to a service (its type), with a method, at paths of a pattern."""

    service: str
    method: str
    path: str

    def permits(self, services: Iterable[str], method: str, path: str) -> bool:
        """Whether a request to a service of these types is of this kind."""
        return self.service in services and self.method == method and bool(_pattern(self.path).fullmatch(path))


@lru_cache(maxsize=512)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("".join(map(_expression, _PART.finditer(path))), re.DOTALL)


def _expression(part: re.Match[str]) -> str:
    if part["one"]:
        return "[^/]+"
    return ".*" if part["all"] else re.escape(part["text"])
