"""The rules as data: their number, their kinds, and the requests that ask for them."""

import re

import yaml

from lapilli.api.policy.admin_rules import ADMIN_RULES
from lapilli.api.policy.member_rules import MEMBER_RULES
from lapilli.api.policy.reader_rules import READER_RULES
from lapilli.api.policy.rules import BASE_RULES, RULES
from lapilli.api.policy.sample import sample
from lapilli.api.routes import ROUTES

OPERATION = re.compile(r"(GET|POST|PUT|DELETE) /[a-z_-]+(/[a-z_-]+|/\{[a-z_]+\})*( \([A-Za-z_-]+\))?")
IDLE = {"volume_extension:volume_type_encryption", "group:update_group_snapshot"}


def test_counts() -> None:
    """There are 161 rules beside the base checks, none twice."""
    assert (len(READER_RULES), len(MEMBER_RULES), len(ADMIN_RULES)) == (27, 56, 78)
    assert len({rule.name for rule in RULES}) == 161 + len(BASE_RULES)


def test_operations() -> None:
    """Each rule names the requests that ask for it, but the base checks and two that Cinder has for none."""
    assert {rule.name for rule in RULES if not rule.operations} == {rule.name for rule in BASE_RULES} | IDLE
    assert not [each for rule in RULES for each in rule.operations if not OPERATION.fullmatch(each)]


def test_operations_are_routes() -> None:
    """What a rule says is asked for, of the resources that are served, is a method and path of the API."""
    paths = [(route.method, route.path.split("/")) for route in ROUTES]
    served = {path[1] for _, path in paths}
    for operation in {each for rule in RULES for each in rule.operations}:
        method, path, *_ = operation.split()
        words = path.split("/")
        assert words[1] not in served or any(
            method == routed and len(words) == len(parts) and all(map(_same, words, parts)) for routed, parts in paths
        ), operation


def _same(one: str, other: str) -> bool:
    """Whether two segments of paths can be the same; a `{name}` stands for any."""
    return one == other or "{" in one or "{" in other


def test_older_names() -> None:
    """A rule that had another name once says what its default was then, and no rule has that name now."""
    renamed = [rule for rule in RULES if rule.renamed_from]
    assert len(renamed) == 16
    assert all(rule.before for rule in renamed)
    assert not {rule.renamed_from for rule in renamed} & {rule.name for rule in RULES}


def test_sample() -> None:
    """The sample has every rule in a comment, with its description and requests."""
    lines = sample().splitlines()
    assert all(line.startswith("#") for line in lines if line)
    at = lines.index('#"volume_extension:type_create": "rule:admin_api"')
    assert lines[at - 3 : at] == [
        "# Create a volume type.",
        "#   POST /types",
        "# Older name, which still works: volume_extension:types_manage",
    ]
    assert all(rule.description.endswith(".") for rule in RULES)


def test_sample_without_marks() -> None:
    """The sample's rules are YAML, and say what the defaults say."""
    text = re.sub(r'^#"', '"', sample(), flags=re.MULTILINE)
    assert yaml.safe_load(text) == {rule.name: rule.check for rule in RULES}
