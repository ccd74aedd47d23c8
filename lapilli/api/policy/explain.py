"""Why the policy lets a caller do something, or does not: every check with its answer."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lapilli.api.policy.compile import Definition, Target, compile_tree
from lapilli.api.policy.language import Check, Constant, Every, Not, Some, Tree
from lapilli.model.values import Caller


class Finding(NamedTuple):
    """One check: how deep it lies, its text, whether it holds, and where the rule that it names is written."""

    depth: int
    text: str
    holds: bool
    where: str = ""


def explain(name: str, definitions: Mapping[str, Definition], caller: Caller, target: Target) -> Iterator[Finding]:
    """The rule, then the checks that it is made of, in reading order. Its name must be one of the definitions'."""
    return _Explanation(definitions, caller, target).tree(Check("rule", name), 0)


class _Explanation:
    def __init__(self, definitions: Mapping[str, Definition], caller: Caller, target: Target) -> None:
        self.definitions = definitions
        self.caller = caller
        self.target = target

    def tree(self, tree: Tree, depth: int) -> Iterator[Finding]:
        holds = compile_tree(tree, self.definitions)(self.caller, self.target)
        match tree:
            case Constant(value):
                yield Finding(depth, "everybody" if value else "nobody", holds)
            case Check("rule", name):
                definition = self.definitions.get(name) or self.definitions["default"]
                yield Finding(depth, f"rule:{name}", holds, definition.where)
                yield from self.tree(definition.tree, depth + 1)
            case Check(kind, match):
                yield Finding(depth, f"{kind}:{match}", holds)
            case Not(inner):
                yield Finding(depth, "not", holds)
                yield from self.tree(inner, depth + 1)
            case Every(trees):
                yield Finding(depth, "all of", holds)
                yield from self.trees(trees, depth + 1)
            case Some(trees):
                yield Finding(depth, "any of", holds)
                yield from self.trees(trees, depth + 1)

    def trees(self, trees: tuple[Tree, ...], depth: int) -> Iterator[Finding]:
        for tree in trees:
            yield from self.tree(tree, depth)
