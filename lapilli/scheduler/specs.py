"""The language of extra specs: what a volume type demands of a pool's capabilities, and what it prefers.

An operator in the value is a demand, as in Cinder: `total_volumes` = `< 500`. An operator at the end of the key is a
preference: `total_volumes<` = `800`, which is how openstackclient reads `--property total_volumes<=800`. Pools that
meet a preference come first; if none does, it is relaxed.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Match = Callable[[Any], bool]
"""Whether one capability value is what was asked for."""

# A lone `=` has meant "at least" since the first release of Cinder; types in the field rely on it.
NUMERIC: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}
TEXTUAL: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    f"s{sign}": compare for sign, compare in NUMERIC.items() if sign != "="
}
OPERATORS: Final = frozenset({*NUMERIC, *TEXTUAL, "<in>", "<is>", "<or>"})

_ATTACHED = re.compile(r"(<=|>=|==|!=|<|>|=)(.+)")
_KEY_OPERATOR = re.compile(r"\s*(<=|>=|==|!=|<|>|!|=)\s*$")
# openstackclient splits at the first `=`, so the key keeps only what stands before it.
_KEY_MEANING: Final = {"<": "<=", ">": ">=", "!": "!=", "=": "=="}
_TRUE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Spec:
    """One extra spec made ready to be compared with many pools. `wanted` is the value in words."""

    key: str
    path: tuple[str, ...]
    wanted: str
    match: Match

    def meets(self, capabilities: Mapping[str, Any]) -> bool:
        """Whether the capability exists and matches. Of a list, one matching element is enough."""
        found = self._find(capabilities)
        if found is _MISSING:
            return False
        if isinstance(found, list | tuple):
            return any(map(self.match, found))
        return self.match(found)

    def found(self, capabilities: Mapping[str, Any]) -> str:
        """What the pool reports, in words."""
        found = self._find(capabilities)
        return "not reported" if found is _MISSING else repr(found)

    def _find(self, capabilities: Mapping[str, Any]) -> Any:
        node: Any = capabilities
        for step in self.path:
            if not isinstance(node, Mapping) or step not in node:
                return _MISSING
            node = node[step]
        return node


def demands(extra_specs: Mapping[str, str | None]) -> list[Spec]:
    """The specs that a pool must meet."""
    return [
        Spec(key, path, repr(value), matcher(value))
        for key, value in extra_specs.items()
        if (path := _path(key)) and not _KEY_OPERATOR.search(key)
    ]


def preferences(extra_specs: Mapping[str, str | None]) -> list[Spec]:
    """The specs whose key ends in an operator."""
    found = []
    for raw, value in extra_specs.items():
        sign, operand = key_operator(raw), (value or "").strip()
        key = _KEY_OPERATOR.sub("", raw)
        path = _path(key)
        if sign and path:
            found.append(Spec(key, path, f"{sign} {operand}", _preference_matcher(sign, operand)))
    return found


def key_operator(key: str) -> str:
    """The operator that the end of a key stands for: `<=` for `total_volumes<`. Empty if it has none."""
    sign = _KEY_OPERATOR.search(key)
    return _KEY_MEANING.get(sign[1], sign[1]) if sign else ""


def split_value(value: str) -> tuple[str, list[str]]:
    """Take a value apart into its operator and operands; the operator is empty for a plain value.

    The blank after the operator may be left out before a number. `=5` then means equality, because it is what
    openstackclient makes of `--property key==5`.
    """
    words = value.split()
    if not words:
        return "", []
    if words[0] in OPERATORS:
        return words[0], words[1:]
    attached = _ATTACHED.fullmatch(words[0])
    if attached and is_number(attached[2]):
        sign = "==" if attached[1] == "=" else attached[1]
        return sign, [attached[2], *words[1:]]
    return "", words


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def matcher(wanted: str | None) -> Match:
    """The comparison that a value asks for. Only the first word after an operator counts, except for `<or>`."""
    if wanted is None:
        return lambda capability: capability is None
    sign, operands = split_value(wanted)
    if not sign:
        # Of equal type too: the boolean true is not "True", nor the number 4 "4".
        return lambda capability: isinstance(capability, str) and capability == wanted
    if not operands:
        return lambda _capability: False
    if sign in NUMERIC:
        return _numeric(NUMERIC[sign], operands[0])
    return _textual(sign, operands)


def _path(key: str) -> tuple[str, ...]:
    """Where the capability lies in the report; empty for keys of another scope, which are not the scheduler's."""
    scope, *rest = key.split(":")
    if not rest:
        return (scope,)
    return tuple(rest) if scope == "capabilities" else ()


def _numeric(compare: Callable[[Any, Any], bool], operand: str) -> Match:
    if not is_number(operand):
        return lambda _capability: False
    threshold = float(operand)

    def match(capability: Any) -> bool:
        try:
            return compare(float(capability), threshold)
        except (TypeError, ValueError, OverflowError):
            return False

    return match


def _textual(sign: str, operands: list[str]) -> Match:
    operand = operands[0]
    if sign == "<is>":
        truth = _lenient_truth(operand)
        return lambda capability: capability is not None and _lenient_truth(capability) is truth
    if sign == "<in>":
        return lambda capability: isinstance(capability, str | list | tuple) and operand in capability
    if sign == "<or>":
        choices = operands[::2]  # the words between are further `<or>`
        return lambda capability: capability in choices
    compare = TEXTUAL[sign]
    return lambda capability: isinstance(capability, str) and compare(capability, operand)


def _preference_matcher(sign: str, operand: str) -> Match:
    if is_number(operand) or sign not in {"==", "!="}:
        return _numeric(NUMERIC[sign], operand)
    return lambda capability: NUMERIC[sign](str(capability), operand)


def _lenient_truth(value: Any) -> bool:
    return str(value).strip().lower() in _TRUE
