"""What an operator should know about policy files that work: older names, names that nothing asks for."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from lapilli.api.policy.compile import Definition
from lapilli.api.policy.language import Check, Every, Not, Some, Tree, parse
from lapilli.api.policy.rules import RULES

_STAND_IN = "default"
"""The name of oslo.policy's rule for rules that do not exist."""


def notices(overrides: Mapping[str, Definition]) -> Iterator[str]:
    """A sentence for each rule of the files that should be renamed or has no effect, with file and line."""
    known, newer = {rule.name for rule in RULES}, _newer_names()
    named = {name for definition in overrides.values() for name in _references(definition.tree)}
    for name, definition in overrides.items():
        if name in newer:
            yield f"{definition.where}: `{name}` is an older name, which still works; write {_listed(newer[name])}"
        elif name not in known and name not in named and name != _STAND_IN:
            guess = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean `{guess[0]}`?" if guess else ""
            yield f"{definition.where}: no rule is called `{name}`, so that it has no effect{hint}"


def redundant(overrides: Mapping[str, Definition]) -> Iterator[str]:
    """A sentence for each rule of the files that says what the default says."""
    defaults = {rule.name: parse(rule.check) for rule in RULES}
    for name, definition in overrides.items():
        if definition.tree == defaults.get(name):
            yield f"{definition.where}: `{name}` says what the default says; without the line it follows newer defaults"


def _newer_names() -> dict[str, list[str]]:
    newer: dict[str, list[str]] = {}
    for rule in RULES:
        if rule.renamed_from:
            newer.setdefault(rule.renamed_from, []).append(rule.name)
    return newer


def _listed(names: Iterable[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def _references(tree: Tree) -> Iterator[str]:
    match tree:
        case Check("rule", name):
            yield name
        case Not(inner):
            yield from _references(inner)
        case Every(trees) | Some(trees):
            for one in trees:
                yield from _references(one)
