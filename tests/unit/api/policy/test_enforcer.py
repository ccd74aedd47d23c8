"""The policy as a whole: defaults, files over them, and files that change."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_policy.policy import DeprecatedRule, RuleDefault

from lapilli.api.policy import Policy
from lapilli.api.policy.rule import Rule
from lapilli.api.policy.rules import RULES
from lapilli.model.errors import Forbidden, Malformed
from lapilli.model.values import Caller
from tests.unit.api.policy.callers import callers, credentials, oslo_policy, targets

MEMBER = Caller("mia", "p1", frozenset({"member", "reader"}), False)
READER = Caller("ray", "p1", frozenset({"reader"}), False)
ADMIN = Caller("ada", "p2", frozenset({"admin"}), True)

WriteRules = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteRules:
    """Writes the policy file anew, as an editor does: the modification time moves."""
    path = tmp_path / "policy.yaml"
    versions = itertools.count(1)

    def write(text: str) -> Path:
        path.write_text(text)
        os.utime(path, ns=(0, next(versions)))
        return path

    return write


def _default(rule: Rule) -> RuleDefault:
    deprecated = None
    if rule.before is not None:
        name = rule.renamed_from or rule.name
        deprecated = DeprecatedRule(name, rule.before, deprecated_reason="roles", deprecated_since="X")
    return RuleDefault(rule.name, rule.check, deprecated_rule=deprecated)


PAIRS = {
    new: (oslo_policy(map(_default, RULES), enforce_new_defaults=new), Policy.load(enforce_new_defaults=new))
    for new in (True, False)
}


@settings(max_examples=40, deadline=None)
@given(st.booleans(), callers, targets)
def test_defaults_as_oslo_policy(new: bool, caller: Caller, target: dict[str, Any]) -> None:
    """Every rule gives any caller oslo.policy's answer, with the new defaults and with those of old."""
    enforcer, policy = PAIRS[new]
    creds = credentials(caller)
    expected = {rule.name: bool(enforcer.enforce(rule.name, target, creds)) for rule in RULES}
    assert {rule.name: policy.allows(rule.name, caller, target) for rule in RULES} == expected


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [("volume:get", [READER, MEMBER, ADMIN]), ("volume:create", [MEMBER, ADMIN]), ("volume:force_delete", [ADMIN])],
)
def test_personas(rule: str, allowed: list[Caller]) -> None:
    """Readers read, members write, administrators do everything; others' resources are for administrators."""
    policy = Policy.load()
    assert [caller for caller in (READER, MEMBER, ADMIN) if policy.allows(rule, caller)] == allowed
    stranger = {"project_id": "p3"}
    assert [caller for caller in (READER, MEMBER, ADMIN) if policy.allows(rule, caller, stranger)] == [ADMIN]


def test_enforce() -> None:
    """What is not allowed raises Forbidden with Cinder's sentence."""
    policy = Policy.load()
    policy.enforce("volume:create", MEMBER)
    with pytest.raises(Forbidden, match=r"^Policy doesn't allow volume:create to be performed\.$"):
        policy.enforce("volume:create", READER)


def test_administrator(write: WriteRules) -> None:
    """`context_is_admin` decides who is an administrator."""
    assert Policy.load().is_admin(ADMIN)
    assert not Policy.load().is_admin(MEMBER)
    assert Policy.load(write('"context_is_admin": "project_id:p1"')).is_admin(MEMBER)


def test_files_over_defaults(write: WriteRules, tmp_path: Path) -> None:
    """The policy file beats the defaults, the folder's files beat it in order, and hidden files count for nothing."""
    folder = tmp_path / "policy.d"
    folder.mkdir()
    path = write('"volume:get": "!"\n"volume:create": "!"\n"volume:delete": "!"\n')
    (folder / "10-first.yaml").write_text('{"volume:create": "@", "volume:delete": "@"}')
    (folder / "20-second.yaml").write_text('"volume:delete": [["role:reader", "project_id:p1"]]')
    (folder / ".hidden").write_text('"volume:get": "@"')
    policy = Policy.load(path, [folder, tmp_path / "missing"])
    nobody = Caller("u", "p9", frozenset(), False)
    answers = [policy.allows(rule, caller) for rule in ("volume:get", "volume:create") for caller in (ADMIN, nobody)]
    assert answers == [False, False, True, True]
    assert [policy.allows("volume:delete", caller) for caller in (READER, nobody)] == [True, False]


def test_folder_alone(tmp_path: Path) -> None:
    """The folder counts also when there is no policy file."""
    (tmp_path / "a.yaml").write_text('"volume:get": "!"')
    assert not Policy.load(tmp_path / "policy.yaml", [tmp_path]).allows("volume:get", ADMIN)


def test_renamed_rule(write: WriteRules) -> None:
    """An override under a rule's older name still holds, unless the file has the new name as well."""
    path = write('"volume_extension:types_manage": "role:member"\n"volume_extension:type_delete": "!"')
    policy = Policy.load(path)
    assert policy.allows("volume_extension:type_create", MEMBER)
    assert not policy.allows("volume_extension:type_delete", MEMBER)
    (notice,) = policy.notices
    assert notice == (
        f"{path}:1: `volume_extension:types_manage` is an older name, which still works; write "
        "`volume_extension:type_create`, `volume_extension:type_update` and `volume_extension:type_delete`"
    )


def test_older_default_under_the_older_name(write: WriteRules) -> None:
    """An older file that spells out the default of its time changes nothing."""
    policy = Policy.load(write('"volume_extension:volume_image_metadata": "rule:admin_or_owner"'))
    assert not policy.allows("volume_extension:volume_image_metadata:set", READER)
    assert len(policy.notices) == 1


def test_rule_without_effect(write: WriteRules) -> None:
    """A rule that nothing asks for is told with file, line and a guess; one that others refer to is not."""
    path = write('"volume:get": "rule:mine"\n"mine": "role:reader"\n"volume:creat": ""\n"default": "!"\n')
    (notice,) = Policy.load(path).notices
    assert notice.startswith(f"{path}:3: no rule is called `volume:creat`")
    assert notice.endswith("did you mean `volume:create`?")


def test_rule_twice(write: WriteRules) -> None:
    """Of two lines about one rule the later holds, and the operator is told."""
    policy = Policy.load(write('"volume:get": "@"\n"volume:get": "!"\n'))
    assert not policy.allows("volume:get", ADMIN)
    assert policy.notices == (f"{policy.path}:2: `volume:get` is in line 1 already, which has no effect",)


def test_rules_in_json_that_nobody_reads(write: WriteRules, tmp_path: Path) -> None:
    """The policy.json of an older release is not passed over in silence; it may be named in its place."""
    older = tmp_path / "policy.json"
    older.write_text('{"volume:get": "!"}')
    (notice,) = Policy.load(tmp_path / "policy.yaml").notices
    assert notice.startswith(f"{older}: is not read")
    assert not Policy.load(older).allows("volume:get", ADMIN)
    assert Policy.load(write("")).notices == ()


def test_mistakes_with_lines(write: WriteRules, tmp_path: Path) -> None:
    """All mistakes of all files are told at once, each with file and line."""
    path = write('# mine\n"volume:get": "role:reader or"\n"volume:create":\n"volume:update": 3\n')
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.yaml").write_text("- volume:get\n")
    (tmp_path / "d" / "b.yaml").write_text('"volume:get": "role:reader\n')
    (tmp_path / "d" / "c.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(Malformed) as refusal:
        Policy.load(path, [tmp_path / "d"])
    places = [line.split(": ")[0] for line in str(refusal.value).splitlines()]
    folder = tmp_path / "d"
    assert places == [
        f"{path}:2",
        f"{path}:3",
        f"{path}:4",
        f"{folder}/a.yaml:1",
        f"{folder}/b.yaml:2",
        f"{folder}/c.yaml",
    ]


def test_change_is_seen(write: WriteRules) -> None:
    """A changed file holds within seconds; one with a mistake changes nothing until it is corrected."""
    now = 0.0
    path = write('"volume:get": "!"')
    policy = Policy.load(path, clock=lambda: now)
    for text, allowed in (('"volume:get": "@"', True), ('"volume:get": "role"', True), ('"volume:get": "!"', False)):
        write(text)
        now += 3.0
        assert policy.allows("volume:get", READER) is allowed
    path.unlink()
    now += 3.0
    assert policy.allows("volume:get", READER)


def test_change_waits_its_turn(write: WriteRules) -> None:
    """Files are looked at every few seconds, not at every question."""
    policy = Policy.load(write('"volume:get": "!"'), clock=lambda: 1.0)
    write('"volume:get": "@"')
    assert not policy.allows("volume:get", READER)


def test_light_without_files() -> None:
    """The defaults need neither oslo.policy nor a YAML reader."""
    program = (
        "import sys; from lapilli.api.policy import Policy; Policy.load();"
        "print(sorted({'oslo_policy', 'oslo_config', 'yaml'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"[]\n"
