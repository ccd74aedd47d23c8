"""From the text of an option to the value that its field is annotated with."""

import difflib
import enum
import json
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lapilli.model.options import Option

_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_NOTHING = ("", "None", "<None>")


class Mistake(ValueError):
    """The text is no such value. `line_offset` counts lines from the option's own."""

    def __init__(self, message: str, line_offset: int = 0) -> None:
        super().__init__(message)
        self.line_offset = line_offset


def is_repeatable(kind: Any) -> bool:
    """Whether every repetition of the option adds an element, instead of replacing what was said before."""
    return typing.get_origin(kind) in (tuple, list) and _is_mapping(typing.get_args(kind)[0])


def holds_pairs(kind: Any) -> bool:
    """Whether the value has names of its own inside, some of which may belong to secrets."""
    return is_repeatable(kind) or any(_is_mapping(arm) for arm in _arms(kind))


def convert(text: str, kind: Any, about: Option) -> Any:
    """The value of `text` for a field annotated with `kind`. Raises `Mistake` with what is wanted instead.

    Known are str, int, float, bool, StrEnum, `Mapping[str, Any]` (a JSON object), `tuple[str, ...]` and `list[str]`
    (divided by commas), `tuple[dict[str, str], ...]` (each repetition is `key:value,key:value`), and unions of
    these, tried in their order; in one with None, an empty value, `None` and `<None>` mean None.
    """
    arms = _arms(kind)
    if type(None) in arms and text in _NOTHING:
        return None
    mistakes = []
    for arm in (arm for arm in arms if arm is not type(None)):
        try:
            return _convert_one(text, arm, about)
        except Mistake as mistake:
            mistakes.append(mistake)
    if len(mistakes) == 1:
        raise mistakes[0]
    raise Mistake(", or ".join(str(mistake) for mistake in mistakes))


def _arms(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)


def _is_mapping(kind: Any) -> bool:
    return (typing.get_origin(kind) or kind) in (dict, Mapping)


def _convert_one(text: str, kind: Any, about: Option) -> Any:
    origin = typing.get_origin(kind) or kind
    if is_repeatable(kind):
        return origin((_pairs(text),))
    if origin in (tuple, list):
        return origin(_chosen(item, about.choices) for item in _items(text))
    if _is_mapping(kind):
        return _json_object(text)
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return kind(_chosen(text, tuple(kind)))
    converters: dict[Any, Callable[[str, Option], Any]] = {bool: _boolean, int: _whole, float: _number, str: _word}
    return converters[kind](text, about)


def _boolean(text: str, _: Option) -> bool:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise Mistake("must be true or false")
    return value


def _whole(text: str, about: Option) -> int:
    try:
        value = int(text)
    except ValueError:
        raise Mistake("must be a whole number") from None
    _check_bounds(value, about)
    return value


def _number(text: str, about: Option) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Mistake("must be a number")
    _check_bounds(value, about)
    return value


def _word(text: str, about: Option) -> str:
    return _chosen(text, about.choices)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.replace("\n", ",").split(",") if item.strip()]


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for item in _items(text):
        key, colon, value = item.partition(":")
        if not colon or not key.strip():
            raise Mistake("must be key:value pairs divided by commas")
        pairs[key.strip()] = value.strip()
    return pairs


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise Mistake(f"must be a JSON object: {error.msg}", error.lineno - 1) from None
    except (ValueError, RecursionError):
        raise Mistake("must be a JSON object of a sensible size") from None
    if not isinstance(value, dict):
        raise Mistake("must be a JSON object, in braces")
    return value


def _chosen(text: str, choices: Sequence[str]) -> str:
    if not choices or text in choices:
        return text
    close = difflib.get_close_matches(text.lower(), choices, 1)
    question = f"; did you mean {close[0]}?" if close else ""
    raise Mistake(f"must be {' or '.join(choices)}{question}")


def _check_bounds(value: float, about: Option) -> None:
    if about.low is not None and value < about.low:
        raise Mistake(f"must be at least {about.low:g}")
    if about.high is not None and value > about.high:
        raise Mistake(f"must be at most {about.high:g}")
