"""What is probably not meant in a volume type's extra specs, said before the first volume fails for it."""

import re
from collections.abc import Iterator, Mapping

from lapilli.scheduler.specs import NUMERIC, is_number, key_operator, split_value

_THRESHOLDS = frozenset({"<", "<=", ">", ">=", "="})
_LOOKS_LIKE_AN_OPERATOR = re.compile(r"<[a-z-]+>.*|s?[<>=!]=?.*", re.IGNORECASE)


def lint(extra_specs: Mapping[str, str | None]) -> list[str]:
    """Remarks on the specs that the scheduler compares, one sentence each; empty if there are none."""
    remarks: list[str] = []
    for key, value in extra_specs.items():
        if ":" in key and not key.startswith("capabilities:"):
            continue
        if value is None:
            remarks.append(f"{key}: no value, so only a capability without value matches.")
            continue
        check = _preference if key_operator(key) else _demand
        remarks.extend(f"{key}: {remark}" for remark in check(key, value))
    return remarks


def _preference(key: str, value: str) -> Iterator[str]:
    sign = key_operator(key)
    if sign not in {"==", "!="} and not is_number(value):
        yield f"{value!r} is not a number, so no pool is ever preferred for {sign}."


def _demand(key: str, value: str) -> Iterator[str]:
    sign, operands = split_value(value)
    if not sign:
        yield from _plain(value)
    elif not operands:
        yield f"nothing follows {sign}, so no pool ever matches."
    elif sign in NUMERIC:
        yield from _number(key, sign, operands[0])
    if sign and sign != "<or>" and len(operands) > 1:
        yield f"only {operands[0]!r} is compared; the words after it are ignored."


def _plain(value: str) -> Iterator[str]:
    word = value.strip()
    if word.lower() in {"true", "false"}:
        yield f"a boolean capability never equals the text {value!r}; write '<is> {word}'."
    elif is_number(word):
        yield f"a numeric capability never equals the text {value!r}; write '== {word}'."
    elif _LOOKS_LIKE_AN_OPERATOR.fullmatch(word):
        yield f"{word.split()[0]!r} is no operator, so only a capability with exactly this text matches."


def _number(key: str, sign: str, operand: str) -> Iterator[str]:
    if not is_number(operand):
        yield f"{operand!r} is not a number, so no pool ever matches {sign}."
        return
    if sign == "=":
        yield f"'= {operand}' means at least {operand}; write '>=' or '==' to say which."
    if sign in _THRESHOLDS:
        meaning = ">=" if sign == "=" else sign
        advice = f" For a preference, write the key {key}{meaning} with the value {operand}."
        yield (
            f"hard metric constraint: pools outside {meaning} {operand} are refused, and volumes fail if all are."
            + advice
        )
