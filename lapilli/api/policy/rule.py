"""What a policy rule is, and the checks that most of them share."""

from dataclasses import dataclass

ADMIN = "rule:admin_api"
OWNER = "rule:admin_or_owner"
ANYBODY = ""


@dataclass(frozen=True)
class Rule:
    """A rule's name, its default check string and what it is about.

    `operations` are the requests that ask for it: method, path below `/v3`, and the action's name in parentheses.
    `before` is the default of older releases, which holds beside the new one while `enforce_new_defaults` is false.
    `renamed_from` is an older name: a policy file that overrides only that name still reaches this rule.
    """

    name: str
    check: str
    description: str
    operations: tuple[str, ...] = ()
    before: str | None = None
    renamed_from: str | None = None
