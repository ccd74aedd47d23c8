"""Check strings, judged by oslo.policy."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_policy._parser import parse_rule
from oslo_policy.policy import RuleDefault

from lapilli.api.policy.compile import Definition, compile_rules
from lapilli.api.policy.language import parse, parse_lists
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller
from tests.unit.api.policy.callers import callers, credentials, oslo_policy, targets

BASE = {"nobody": "!", "members": "role:member and project_id:%(project_id)s"}

_CHECKS = st.sampled_from(
    "@ ! role:admin role:Reader role:%(project_id)s rule:members rule:nobody is_admin:True is_admin:False "
    "project_id:%(project_id)s user_id:%(user_id)s domain_id:%(domain_id)s system_scope:all system:all roles:admin "
    "service_roles:service project_id:x-%(project_id)s-%(user_id)s domain_id:None 'p1':%(project_id)s "
    "True:%(user_id)s is_admin_project:True user_domain_id:%(domain_id)s 1:%(user_id)s".split()
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.lists(inner, min_size=2, max_size=4).flatmap(
        lambda parts: st.sampled_from([" and ", " or ", " AND "]).map(lambda word: word.join(parts))
    )
    return joined | inner.map(lambda text: f"not {text}") | inner.map(lambda text: f"({text})")


check_strings = st.recursive(_CHECKS, _compound, max_leaves=8)


ORACLE = oslo_policy(RuleDefault(name, check) for name, check in BASE.items())


def oslo_answer(check: str | list[Any], caller: Caller, target: dict[str, Any]) -> bool:
    return ORACLE.enforce(parse_rule(check), target, credentials(caller))


def answer(check: str | list[Any], caller: Caller, target: dict[str, Any]) -> bool:
    tree = parse(check) if isinstance(check, str) else parse_lists(check)
    definitions = {name: Definition(parse(text), "base") for name, text in BASE.items()}
    return compile_rules(definitions | {"asked": Definition(tree, "here")})["asked"](caller, target)


@settings(max_examples=300, deadline=None)
@given(check_strings, callers, targets)
def test_as_oslo_policy(check: str, caller: Caller, target: dict[str, Any]) -> None:
    """Any check string gives any caller oslo.policy's answer."""
    assert answer(check, caller, target) == oslo_answer(check, caller, target)


LISTS = st.lists(_CHECKS | st.lists(_CHECKS, max_size=3), max_size=3)


@settings(max_examples=100, deadline=None)
@given(LISTS, callers, targets)
def test_lists_as_oslo_policy(check: list[Any], caller: Caller, target: dict[str, Any]) -> None:
    """The old form, lists in a list, gives oslo.policy's answer too."""
    assert answer(check, caller, target) == oslo_answer(check, caller, target)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("role:admin or", "ends where a check is expected"),
        ("role:admin role:member", "`role:member` is not expected after `role:admin`"),
        ("(role:admin", "closing parenthesis"),
        ("role:admin)", r"`\)` is not expected"),
        ("admin", "`admin` is not a check"),
        (" ", "ends where a check is expected"),
        ("and role:admin", "`and` is not a check"),
        ("role:admin or 'x'", "is not a check"),
        ("rule:missing", "there is no rule `missing`"),
        ("tenant:%(tenant_id)s", "callers have no `tenant`, only domain_id"),
        ("project_id:%(project_id", "neither text nor"),
        ("project_id:100%", "neither text nor"),
        ("http://policy.example/check", "not supported"),
        ("rule:asked", "circle: asked → asked"),
    ],
)
def test_mistakes(check: str, sentence: str) -> None:
    """A check that cannot be meant is refused with what is wrong."""
    with pytest.raises(Malformed, match=sentence):
        answer(check, Caller("u", "p", frozenset(), False), {})


def test_all_mistakes_at_once() -> None:
    """Every rule with a mistake is named once, with its place; those that only refer to it are not."""
    definitions = {
        "a": Definition(parse("rule:b"), "file:1"),
        "b": Definition(parse("not rule:a"), "file:2"),
        "c": Definition(parse("rule:nowhere"), "file:3"),
        "d": Definition(parse("rule:c"), "file:4"),
    }
    with pytest.raises(Malformed) as refusal:
        compile_rules(definitions)
    assert [line.split(": ")[:2] for line in str(refusal.value).splitlines()] == [
        ["file:2", "b"],
        ["file:3", "c"],
    ]


def test_default_rule() -> None:
    """A rule called `default` stands in for rules that are referred to and do not exist."""
    definitions = {
        "default": Definition(parse("role:admin"), "file:1"),
        "asked": Definition(parse("rule:missing"), "file:2"),
    }
    asked = compile_rules(definitions)["asked"]
    assert asked(Caller("u", "p", frozenset({"admin"}), False), {})
    assert not asked(Caller("u", "p", frozenset({"member"}), False), {})
