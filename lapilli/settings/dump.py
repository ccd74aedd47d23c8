"""The settings as they count, one per line, each with its origin and without its secrets."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lapilli.settings.bind import Effective
from lapilli.settings.secrets import MASK, masked, shown


def dump(effective: Iterable[Effective]) -> Iterator[str]:
    """Lines `section.name = value  # file:line`, or `# default`, ordered by section and name, [DEFAULT] first."""
    for each in sorted(effective, key=lambda each: (each.section != "DEFAULT", each.section, each.name)):
        yield f"{each.section}.{each.name} = {_shown(each)}  # {each.where}"


def _shown(setting: Effective) -> str:
    text = _text(setting.value)
    # Of a secret URL all but the password may be seen; any other secret is hidden whole.
    if setting.is_secret and text and masked(text) == text:
        return MASK
    return masked(text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return json.dumps(_without_secrets(value))
    if isinstance(value, (list, tuple)):
        return ",".join(_text(each) for each in value)
    return str(value)


def _without_secrets(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _without_secrets(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each, name) for each in value]
    return shown(name, value) if isinstance(value, str) else value
