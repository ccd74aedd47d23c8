"""A policy file with every rule and its default, all commented out, for operators to start from."""

import json
from collections.abc import Iterator

from lapilli.api.policy.rule import Rule
from lapilli.api.policy.rules import RULES

_HEAD = """\
# Who may do what. Every rule is here with its default: take the mark of a line away and change it.
# A rule that is not in the file keeps its default; "" allows everybody, "!" nobody.
"""


def sample() -> str:
    """The text of a `policy.yaml` that changes nothing."""
    return "\n".join([_HEAD, *("\n".join(_lines(rule)) + "\n" for rule in RULES)])


def _lines(rule: Rule) -> Iterator[str]:
    yield f"# {rule.description}"
    for operation in rule.operations:
        yield f"#   {operation}"
    if rule.renamed_from:
        yield f"# Older name, which still works: {rule.renamed_from}"
    if rule.before is not None and rule.before != rule.check:
        yield f"# Holds as well while enforce_new_defaults is false: {json.dumps(rule.before)}"
    yield f"#{json.dumps(rule.name)}: {json.dumps(rule.check)}"
