"""The language of extra specs, with the samples measured on Cinder 29."""

import pytest

from lapilli.scheduler.specs import demands, matcher, preferences

CINDER_SAMPLES = [
    (20, "= 15", True),
    ("20", ">= 10", True),
    ("abc", "<in> b", True),
    ("12311321", "<in> 11", True),
    ("2", "s< 10", False),
    ("x", "<or> x <or> y", True),
    (True, "<is> True", True),
    (True, "True", False),
    ("True", "True", True),
    (4, "4", False),
    ("4", "== 4.0", True),
    ("abc", "<all-in> a", False),
]


@pytest.mark.parametrize(("capability", "wanted", "matches"), CINDER_SAMPLES)
def test_cinder_samples(capability: object, wanted: str, matches: bool) -> None:
    """What Cinder 29 answered, we answer."""
    assert matcher(wanted)(capability) is matches


@pytest.mark.parametrize(
    ("capability", "wanted", "matches"),
    [
        (14, "= 15", False),
        (5, "!= 5", False),
        ("abc", "!= 5", False),
        (None, "!= 5", False),
        (5, "== five", False),
        (10**400, ">= 5", False),
        ("a", "s== a b", True),
        ("b", "s!= a", True),
        ("b", "s>= b", True),
        ("b", "s<= a", False),
        ("b", "s> a", True),
        (4, "s== 4", False),
        (["a", "b"], "<in> b", True),
        (7, "<in> 7", False),
        ("off", "<is> no", True),
        (None, "<is> False", False),
        ("y", "<or> x <or> y", True),
        ("z", "<or> x <or> y", False),
        ("x", "<or>", False),
        (5, "==", False),
        ("", "", True),
        ("FlashArray//X", "FlashArray//X", True),
        ("<in>b", "<in>b", True),
        (None, None, True),
        ("x", None, False),
        (None, "x", False),
    ],
)
def test_operators(capability: object, wanted: str | None, matches: bool) -> None:
    """Each operator accepts and refuses, and an operand that makes no sense refuses."""
    assert matcher(wanted)(capability) is matches


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    ("sign", "below", "equal", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_blank_after_the_operator(blank: str, sign: str, below: bool, equal: bool, above: bool) -> None:
    """Numeric operators work with and without a blank."""
    match = matcher(f"{sign}{blank}500")
    assert [match(499), match("500"), match(500.5)] == [below, equal, above]


def test_equality_as_openstackclient_sends_it() -> None:
    """`--property key==5` arrives as the value `=5` and means equality."""
    assert matcher("=5")(5)
    assert not matcher("=5")(6)


def meets(extra_specs: dict[str, str | None], capabilities: dict[str, object]) -> bool:
    return all(spec.meets(capabilities) for spec in demands(extra_specs))


@pytest.mark.parametrize(
    ("extra_specs", "capabilities", "expected"),
    [
        ({"model": "X"}, {"model": "X"}, True),
        ({"capabilities:model": "X"}, {"model": "X"}, True),
        ({"capabilities:model": "X"}, {"model": "C"}, False),
        ({"model": "X"}, {}, False),
        ({"volume_backend_name": "fast"}, {"volume_backend_name": "slow"}, False),
        ({"capabilities:a:b": "X"}, {"a": {"b": "X"}}, True),
        ({"capabilities:a:b": "X"}, {"a": "b"}, False),
        ({"capabilities:a:b": "X"}, {"a": {}}, False),
        ({"vendor:model": "X", "provisioning:type": "thick"}, {}, True),
        ({"storage_protocol": "iSCSI"}, {"storage_protocol": ["iscsi", "iSCSI"]}, True),
        ({"storage_protocol": "FC"}, {"storage_protocol": ["iscsi", "iSCSI"]}, False),
        ({"replication": None}, {"replication": None}, True),
        ({"model": "X", "total_volumes": "< 500"}, {"model": "X", "total_volumes": 501}, False),
    ],
)
def test_where_a_key_looks(extra_specs: dict[str, str | None], capabilities: dict[str, object], expected: bool) -> None:
    """Scope, nesting and lists; a missing capability fails, another vendor's scope is ignored."""
    assert meets(extra_specs, capabilities) is expected


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("capabilities:total_volumes<", "800", "capabilities:total_volumes <= 800"),
        ("total_volumes <", " 800", "total_volumes <= 800"),
        ("total_volumes>", "800", "total_volumes >= 800"),
        ("total_volumes<=", "800", "total_volumes <= 800"),
        ("array_model!", "FlashArray//C", "array_model != FlashArray//C"),
        ("array_model=", "FlashArray//X", "array_model == FlashArray//X"),
    ],
)
def test_operator_in_the_key_is_a_preference(key: str, value: str, words: str) -> None:
    """What openstackclient makes of `key<=value` is read as it was written, and demands nothing."""
    (preference,) = preferences({key: value})
    assert f"{preference.key} {preference.wanted}" == words
    assert demands({key: value}) == []


def test_preferences_match() -> None:
    """Preferences compare numbers as numbers and text as text; nonsense is never met."""
    at_most, other, nonsense = preferences({"n<": "800", "model!": "C", "speed<": "fast"})
    assert [at_most.meets({"n": n}) for n in (799, 800, 801)] == [True, True, False]
    assert [other.meets({"model": model}) for model in ("X", "C")] == [True, False]
    assert not at_most.meets({})
    assert not nonsense.meets({"speed": 1})


def test_preferences_of_another_scope_are_ignored() -> None:
    """A vendor's own key is not the scheduler's, whatever it ends in; nor does a plain key prefer anything."""
    assert preferences({"vendor:n<": "800", "n": "< 800"}) == []
