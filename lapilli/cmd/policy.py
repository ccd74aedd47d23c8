"""`lapilli policy`: write, judge and explain policy files. None of it needs a database or a running service."""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from lapilli.api.policy import Policy
from lapilli.api.policy.explain import explain
from lapilli.api.policy.notices import redundant
from lapilli.api.policy.rules import RULES
from lapilli.api.policy.sample import sample
from lapilli.cmd import edge
from lapilli.cmd.arguments import PATH, config_option
from lapilli.cmd.judgement import tell
from lapilli.cmd.process import config_file, read_settings
from lapilli.cmd.tables import table
from lapilli.model.errors import LapilliError, Malformed
from lapilli.model.values import Caller

_CALLER: Final = (
    click.Option(["--roles"], required=True, metavar="ROLE,…", help="The caller's roles, implied ones too."),
    click.Option(["--user"], default="their-user", show_default=True, help="The caller's user id."),
    click.Option(["--project"], default="their-project", show_default=True, help="The caller's project id."),
    click.Option(["--target-project"], help="Project of what is asked about.  [default: the caller's]"),
    click.Option(["--service-roles"], default="", metavar="ROLE,…", help="Roles of the service that passes it on."),
    click.Option(["--system"], is_flag=True, help="The token is the system's, of no project."),
)
"""Who asks, and whose resource it is about."""


@click.group("policy")
def policy() -> None:
    """Write, check and explain who may do what."""


@policy.command("sample")
def sample_() -> None:
    """Print a policy.yaml with every rule, its default and what it is about, all commented out."""
    click.echo(sample(), nl=False)


@policy.command("check")
@click.argument("file", type=PATH)
def check(file: Path) -> None:
    """Tell every mistake of the policy FILE with its line; exit 1 if there is one.

    Notices are told too: older names, rules that nothing asks for, and those that say what the default says.
    """
    if not file.is_file():
        raise Malformed(f"There is no file {file}.")
    try:
        loaded = Policy.load(file)
    except LapilliError as error:
        tell(file, str(error).splitlines(), ())
    else:
        tell(file, (), [*loaded.notices, *redundant(loaded.overrides)])


@policy.command("explain", params=[click.Argument(["rule"]), *_CALLER])
@config_option
def explain_(rule: str, config_path: Path | None, **who: Any) -> None:
    """Show whether RULE lets a caller with these roles, and which of its checks hold.

    RULE is a name such as volume:create. Exit 1 if the caller may not.
    """
    loaded = _loaded(config_path)
    caller, target = _asked(loaded, **who)
    about = next((each for each in RULES if each.name == rule), None)
    if rule not in loaded.definitions:
        raise Malformed(f"There is no rule `{rule}`.{_guess(rule, loaded.definitions)}")
    if about:
        click.echo("\n".join([about.description, *(f"  {operation}" for operation in about.operations)]))
    for finding in explain(rule, loaded.definitions, caller, target):
        mark, where = "yes" if finding.holds else "no ", f"  ({finding.where})" if finding.where else ""
        click.echo(f"{mark}  {'  ' * finding.depth}{finding.text}{where}")
    allowed = loaded.allows(rule, caller, target)
    click.echo("Allowed." if allowed else "Not allowed.")
    if not allowed:
        raise SystemExit(1)


@policy.command("list", params=list(_CALLER))
@config_option
def list_(config_path: Path | None, **who: Any) -> None:
    """Show every rule, whether it lets a caller with these roles, and where it is written."""
    loaded = _loaded(config_path)
    caller, target = _asked(loaded, **who)
    rows = [
        (rule.name, "yes" if loaded.allows(rule.name, caller, target) else "no", loaded.definitions[rule.name].where)
        for rule in RULES
    ]
    for line in table(("Rule", "Allowed", "Where"), rows):
        click.echo(line)


def _loaded(config_path: Path | None) -> Policy:
    """The rules as the services of this configuration have them."""
    settings = read_settings(config_path)
    loaded = edge.policy(settings, config_file(config_path))
    settings.check()
    return loaded


def _asked(loaded: Policy, **who: Any) -> tuple[Caller, dict[str, str]]:
    """The caller as the API would know one, and the columns of what it asks about."""
    plain = Caller(
        user_id=who["user"],
        project_id="" if who["system"] else who["project"],
        roles=_words(who["roles"]),
        is_admin=False,
        service_roles=_words(who["service_roles"]),
        system_scope=who["system"],
    )
    caller = replace(plain, is_admin=loaded.is_admin(plain))
    target_project = who["target_project"] or who["project"]
    return caller, {"project_id": target_project, "user_id": who["user"]}


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def _guess(rule: str, names: Iterable[str]) -> str:
    guess = difflib.get_close_matches(rule, names, n=1)
    return f" Did you mean `{guess[0]}`?" if guess else ""
