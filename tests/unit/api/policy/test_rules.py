"""The rules as data: their number and their kinds."""

from lapilli.api.policy.rules import ADMIN_RULES, BASE_RULES, MEMBER_RULES, READER_RULES, RULES
from lapilli.api.policy.sample import sample


def test_counts() -> None:
    """There are 161 rules beside the base checks, none twice."""
    assert (len(READER_RULES), len(MEMBER_RULES), len(ADMIN_RULES)) == (27, 56, 78)
    assert len({rule.name for rule in RULES}) == 161 + len(BASE_RULES)


def test_sample() -> None:
    """The sample names every rule in a comment, each with a description."""
    lines = sample().splitlines()
    assert all(line.startswith("#") for line in lines if line)
    assert sum(line.startswith('#"') for line in lines) == len(RULES)
    assert '#"volume:create": "rule:xena_system_admin_or_project_member"' in lines
    assert all(rule.description.endswith(".") for rule in RULES)
