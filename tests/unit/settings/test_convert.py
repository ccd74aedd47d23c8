"""Texts become values of the annotated type, or a sentence that says what is wanted."""

import enum
from typing import Any

import pytest

from lapilli.model.options import Option
from lapilli.settings.convert import Mistake, convert


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("x", str, "x"),
        ("-1", int, -1),
        ("0.5", float, 0.5),
        ("TRUE", bool, True),
        ("on", bool, True),
        ("no", bool, False),
        ("0", bool, False),
        ("a, b,\nc,", tuple[str, ...], ("a", "b", "c")),
        ("", tuple[str, ...], ()),
        ("a,b", list[str], ["a", "b"]),
        ('{"a": [1, 0.5, "x"]}', dict[str, Any], {"a": [1, 0.5, "x"]}),
        ("", dict[str, Any], {}),
        ("backend_id:two,san_ip:fd00::1", tuple[dict[str, str], ...], ({"backend_id": "two", "san_ip": "fd00::1"},)),
        ("red", Colour, Colour.RED),
        ("", str | None, None),
        ("<None>", int | None, None),
        ("5", int | None, 5),
        ("20.0", float | str, 20.0),
        ("auto", float | str, "auto"),
    ],
)
def test_a_text_becomes_a_value(text: str, kind: Any, value: object) -> None:
    """Each annotation that a dataclass may use."""
    result = convert(text, kind, Option("", choices=("auto",) if kind == float | str else ()))
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "kind", "about", "message"),
    [
        ("maybe", bool, Option(""), "must be true or false"),
        ("", bool, Option(""), "must be true or false"),
        ("1.5", int, Option(""), "must be a whole number"),
        ("9" * 5000, int, Option(""), "must be a whole number"),
        ("nan", float, Option(""), "must be a number"),
        ("0", int, Option("", low=1), "must be at least 1"),
        ("101", int, Option("", high=100), "must be at most 100"),
        ("Thin", str, Option("", choices=("thin", "thick")), "must be thin or thick; did you mean thin?"),
        ("a,z", tuple[str, ...], Option("", choices=("a", "b")), "must be a or b"),
        ("green", Colour, Option(""), "must be red or blue"),
        ("[1]", dict[str, Any], Option(""), "must be a JSON object, in braces"),
        ("[" * 100_000, dict[str, Any], Option(""), "must be a JSON object of a sensible size"),
        ("secret", tuple[dict[str, str], ...], Option(""), "must be key:value pairs divided by commas"),
        ("car", float | str, Option("", choices=("auto",)), "must be a number, or must be auto"),
    ],
)
def test_a_wrong_text_is_answered_with_what_is_wanted(text: str, kind: Any, about: Option, message: str) -> None:
    """The sentence stands for itself, without a library's words."""
    with pytest.raises(Mistake) as caught:
        convert(text, kind, about)
    assert str(caught.value) == message


def test_a_mistake_in_json_knows_its_line() -> None:
    """The line is counted from the option's own."""
    with pytest.raises(Mistake) as caught:
        convert('{\n"a": 1,\n"b" 2\n}', dict[str, Any], Option(""))
    assert caught.value.line_offset == 2
