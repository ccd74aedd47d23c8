"""What Keystone says of a token, as the rest of the service needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lapilli.api.identity.access_rules import AccessRule
from lapilli.model.values import Caller


@dataclass(frozen=True)
class Token:
    """Whom a token stands for, until when (seconds since 1970), and what it may be used for.

    `access_rules` is None for all tokens but those of application credentials that have such rules.
    """

    caller: Caller
    expires_at_s: float
    access_rules: tuple[AccessRule, ...] | None = None


def read_token(secret: str, facts: Mapping[str, Any]) -> Token:
    """Read the `token` object of Keystone's answer. Raises KeyError, TypeError or ValueError if it is not one."""
    user, project = facts["user"], facts.get("project") or {}
    caller = Caller(
        user_id=user["id"],
        project_id=project.get("id") or "",
        roles=frozenset(role["name"] for role in facts.get("roles") or ()),
        is_admin=False,
        domain_id=(facts.get("domain") or {}).get("id"),
        system_scope=bool((facts.get("system") or {}).get("all")),
        token=secret,
        user_domain_id=user["domain"]["id"],
        project_domain_id=(project.get("domain") or {}).get("id"),
        is_admin_project=bool(facts.get("is_admin_project", True)),
    )
    rules = (facts.get("application_credential") or {}).get("access_rules")
    return Token(
        caller,
        datetime.fromisoformat(facts["expires_at"]).timestamp(),
        None if rules is None else tuple(AccessRule(rule["service"], rule["method"], rule["path"]) for rule in rules),
    )
