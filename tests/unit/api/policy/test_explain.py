"""What is told about an answer of the policy."""

from hypothesis import given
from hypothesis import strategies as st

from lapilli.api.policy import Policy
from lapilli.api.policy.compile import Definition, Target
from lapilli.api.policy.explain import Finding, explain
from lapilli.api.policy.language import parse
from lapilli.api.policy.rule import Rule
from lapilli.api.policy.rules import RULES
from lapilli.model.values import Caller
from tests.unit.api.policy.callers import callers, targets

POLICY = Policy.load()
MIA = Caller("mia", "p1", frozenset({"member"}), False)


@given(st.sampled_from(RULES), callers, targets)
def test_the_first_line_is_the_answer(rule: Rule, caller: Caller, target: Target) -> None:
    """An explanation ends where enforcement does."""
    first, *_ = explain(rule.name, POLICY.definitions, caller, target)
    assert first.holds is POLICY.allows(rule.name, caller, target)


def test_every_kind_of_check() -> None:
    """Each check stands below the one that it belongs to."""
    definitions = {
        "mine": Definition(parse("not role:admin and (@ or rule:none)"), "policy.yaml:3"),
        "none": Definition(parse("!"), "default"),
    }
    assert list(explain("mine", definitions, MIA, {})) == [
        Finding(0, "rule:mine", True, "policy.yaml:3"),
        Finding(1, "all of", True),
        Finding(2, "not", True),
        Finding(3, "role:admin", False),
        Finding(2, "any of", True),
        Finding(3, "everybody", True),
        Finding(3, "rule:none", False, "default"),
        Finding(4, "nobody", False),
    ]


def test_stand_in() -> None:
    """A reference to a rule that does not exist is explained by `default`, which decides."""
    definitions = {"mine": Definition(parse("rule:gone"), "a:1"), "default": Definition(parse("@"), "a:2")}
    told = list(explain("mine", definitions, MIA, {}))
    assert told[1:] == [Finding(1, "rule:gone", True, "a:2"), Finding(2, "everybody", True)]
