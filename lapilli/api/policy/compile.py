"""Turns trees of checks into closures `(caller, target) -> bool`, a question to which takes less than 1 µs."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from lapilli.api.policy.language import Check, Constant, Every, Not, Some, Tree
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller

Target = Mapping[str, Any]
"""What is asked about: `project_id`, `user_id` and further columns of the resource."""

Answer = Callable[[Caller, Target], bool]
_Fill = Callable[[Target], str]


@dataclass(frozen=True)
class Definition:
    """A rule's tree, and where it is written (`policy.yaml:12`, or a word for the defaults)."""

    tree: Tree
    where: str


def compile_rules(definitions: Mapping[str, Definition]) -> dict[str, Answer]:
    """One closure for each rule. Raises `Malformed` with every mistake, one to a line."""
    return _Compiler(definitions).run()


def compile_tree(tree: Tree, definitions: Mapping[str, Definition]) -> Answer:
    """The closure of one tree whose references are to these rules, which must be without mistakes."""
    return _Compiler(definitions).tree(tree)


class _Compiler:
    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self.definitions = definitions
        self.answers: dict[str, Answer] = {}
        self.open: list[str] = []
        self.mistakes: list[str] = []

    def run(self) -> dict[str, Answer]:
        for name in self.definitions:
            self.rule(name)
        if self.mistakes:
            raise Malformed("\n".join(self.mistakes))
        return self.answers

    def rule(self, name: str) -> Answer:
        """The closure of a rule. As in oslo.policy, a rule `default` stands in for those that do not exist."""
        if name not in self.definitions:
            if "default" not in self.definitions:
                raise Malformed(f"there is no rule `{name}`")
            name = "default"
        if name in self.open:
            raise Malformed(f"the rules refer to each other in a circle: {' → '.join([*self.open, name])}")
        if name not in self.answers:
            self.open.append(name)
            self.answers[name] = self.definition(name)
            self.open.pop()
        return self.answers[name]

    def definition(self, name: str) -> Answer:
        """The closure of a rule's tree. A mistake is noted here, once, and not at each rule that refers to this one."""
        definition = self.definitions[name]
        try:
            return self.tree(definition.tree)
        except Malformed as error:
            self.mistakes.append(f"{definition.where}: {name}: {error}")
            return _always(False)

    def tree(self, tree: Tree) -> Answer:
        answer: Answer
        match tree:
            case Constant(value):
                answer = _always(value)
            case Check("rule", name):
                answer = self.rule(name)
            case Check("role", match):
                answer = _role(match)
            case Check(kind, match):
                answer = _comparison(kind, match)
            case Not(inner):
                answer = _not(self.tree(inner))
            case Every(trees):
                answer = _every([self.tree(one) for one in trees])
            case Some(trees):
                answer = _some([self.tree(one) for one in trees])
        return answer


def _always(value: bool) -> Answer:
    return lambda _caller, _target: value


def _not(answer: Answer) -> Answer:
    return lambda caller, target: not answer(caller, target)


def _every(answers: list[Answer]) -> Answer:
    if len(answers) == 2:  # noqa: PLR2004 - the usual case, without a loop
        first, second = answers
        return lambda caller, target: first(caller, target) and second(caller, target)

    def every(caller: Caller, target: Target) -> bool:
        for answer in answers:  # noqa: SIM110 - a generator would double the time
            if not answer(caller, target):
                return False
        return True

    return every


def _some(answers: list[Answer]) -> Answer:
    if len(answers) == 2:  # noqa: PLR2004 - the usual case, without a loop
        first, second = answers
        return lambda caller, target: first(caller, target) or second(caller, target)

    def some(caller: Caller, target: Target) -> bool:
        for answer in answers:  # noqa: SIM110 - a generator would double the time
            if answer(caller, target):
                return True
        return False

    return some


@lru_cache(maxsize=1024)
def _lowered(roles: frozenset[str]) -> frozenset[str]:
    return frozenset(role.lower() for role in roles)


def _role(match: str) -> Answer:
    """Role names are compared without regard to case."""
    if "%" not in match:
        role = match.lower()
        return lambda caller, _target: role in _lowered(caller.roles)
    fill = _filled(match)

    def holds(caller: Caller, target: Target) -> bool:
        try:
            return fill(target).lower() in _lowered(caller.roles)
        except KeyError:
            return False

    return holds


def _comparison(kind: str, match: str) -> Answer:
    """`kind` is an attribute of the caller or a Python literal; what the target lacks is equal to nothing."""
    fill = _filled(match)
    find = _ATTRIBUTES.get(kind) or _literal(kind)

    def equal(caller: Caller, target: Target) -> bool:
        try:
            return fill(target) == str(find(caller))
        except KeyError:
            return False

    def contained(caller: Caller, target: Target) -> bool:
        try:
            return fill(target) in find(caller)
        except KeyError:
            return False

    return contained if kind in _LISTS else equal


_OWN_NAMES = "user_id user_domain_id project_id project_domain_id domain_id is_admin is_admin_project"
_LISTS = ("roles", "service_roles")
_ATTRIBUTES: Mapping[str, Callable[[Caller], Any]] = {
    **{name: attrgetter(name) for name in (*_OWN_NAMES.split(), *_LISTS)},
    "system_scope": lambda caller: "all" if caller.system_scope else None,
    "system": lambda caller: "all" if caller.system_scope else "",
}


def _literal(kind: str) -> Callable[[Caller], Any]:
    if kind in ("http", "https"):
        raise Malformed(f"checks that ask a server (`{kind}:`) are not supported; decide by roles")
    try:
        value = ast.literal_eval(kind)
    except (ValueError, SyntaxError):
        raise Malformed(f"callers have no `{kind}`, only {', '.join(sorted(_ATTRIBUTES))}") from None
    return lambda _caller: value


def _filled(match: str) -> _Fill:
    """The function that puts the target's columns into `match`. It raises KeyError for a column that is not there."""
    if "%" not in match:
        return lambda _target: match
    keys = _Keys()
    try:
        plain = match % keys == ""
    except (TypeError, ValueError):
        raise Malformed(f"`{match}` is neither text nor of the form `%(column)s`") from None
    if plain and match == f"%({keys.last})s":
        key = keys.last
        return lambda target: str(target[key])
    return lambda target: match % target


class _Keys(dict[str, str]):
    """Remembers the last key that a format asked for."""

    last = ""

    def __missing__(self, key: str) -> str:
        self.last = key
        return ""
