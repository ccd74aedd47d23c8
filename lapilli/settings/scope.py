"""Where the options of a dataclass are looked up: a chain of sections, and what `$name` stands for in them."""

import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lapilli.settings.convert import Mistake
from lapilli.settings.reader import Entry

Key = tuple[str, str]

_REFERENCE = re.compile(r"\$\$|\\\$|\$(?:\{(?P<braced>[A-Za-z_][\w.-]*)\}|(?P<plain>[A-Za-z_]\w*))")


@dataclass(frozen=True)
class Scope:
    """A view of the file. Only `sections` give values, in this order; references also reach [DEFAULT].

    `defaults` are the texts that `$name` falls back on. `referred` collects the options that references used.
    """

    sections: Sequence[str]
    entries: Mapping[Key, Sequence[Entry]]
    defaults: Mapping[str, str]
    referred: set[Key] = field(default_factory=set)

    def find(self, name: str, legacy: Sequence[str] = ()) -> Sequence[Entry]:
        """The entries of an option in the first section that has it, under today's name or a legacy one."""
        beside = [old for old in legacy if "/" not in old]
        keys = [(section, each) for section in self.sections for each in (name, *beside)]
        for old in legacy:
            section, slash, old_name = old.rpartition("/")
            keys += [(section, old_name)] if slash else []
        return next((found for key in keys if (found := self.entries.get(key))), ())

    def expand(self, text: str, open_names: Sequence[str] = ()) -> str:
        """The text with `$name`, `${name}` and `${section.name}` replaced; `$$` is a dollar sign. Raises `Mistake`."""

        def replacement(match: re.Match[str]) -> str:
            name = match["braced"] or match["plain"]
            if name is None:
                return "$"
            if name in open_names:
                raise Mistake(f"refers to ${name}, which refers back to it")
            return self.expand(self._referent(name), (*open_names, name))

        return _REFERENCE.sub(replacement, text)

    def _referent(self, name: str) -> str:
        section, dot, option = name.rpartition(".")
        keys = [(section, option)] if dot else [(each, name) for each in (*self.sections, "DEFAULT")]
        for key in keys:
            if found := self.entries.get(key):
                self.referred.add(key)
                return found[-1].value
        if name in self.defaults:
            return self.defaults[name]
        if name == "hostname":
            return socket.gethostname()
        raise Mistake(f"refers to ${name}, which is not set; write $$ for a dollar sign")
