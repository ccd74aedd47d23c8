"""Who may do what: the default rules with the policy files over them."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from lapilli.api.policy.compile import Answer, Definition, Target, compile_rules
from lapilli.api.policy.files import Stamp, policy_files, read_policy, stamp
from lapilli.api.policy.language import Check, Some, parse
from lapilli.api.policy.notices import notices
from lapilli.api.policy.rule import Rule
from lapilli.api.policy.rules import RULES
from lapilli.model.errors import Forbidden, Malformed
from lapilli.model.options import option
from lapilli.model.values import Caller

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 3.0


@dataclass(frozen=True)
class PolicySettings:
    """`[oslo_policy]`. Relative paths are relative to the folder of the configuration file."""

    policy_file: str = option("policy.yaml", help="The file that overrides rules; it need not exist.")
    policy_dirs: tuple[str, ...] = option(
        ("policy.d",), help="Folders whose files override rules too, in the order of their names."
    )
    enforce_new_defaults: bool = option(
        True, help="Whether only the defaults with the roles reader and member hold, or those of old as well."
    )


@dataclass(frozen=True)
class _Loaded:
    """The closures of one reading, and what to tell the operator about it."""

    answers: Mapping[str, Answer]
    definitions: Mapping[str, Definition]
    overrides: Mapping[str, Definition]
    notices: tuple[str, ...]


@dataclass
class Policy:
    """The rules as they hold now. Files that change are read again within seconds, by the next question.

    A changed file with a mistake changes nothing: the rules before it stay, and the mistake is logged.
    """

    path: Path | None
    folders: tuple[Path, ...]
    enforce_new_defaults: bool
    _loaded: _Loaded
    _seen: Stamp
    _clock: Callable[[], float]
    _look_at_s: float
    _looking: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        folders: Iterable[Path] = (),
        *,
        enforce_new_defaults: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Read the files. Raises `Malformed` with every mistake, its file and line; `clock` gives seconds."""
        folders = tuple(folders)
        # Taken first: a file that changes while it is read is then read once more.
        seen = stamp(policy_files(path, folders))
        loaded = _load(path, folders, enforce_new_defaults=enforce_new_defaults)
        return cls(path, folders, enforce_new_defaults, loaded, seen, clock, clock() + _LOOK_EVERY_S)

    @property
    def notices(self) -> tuple[str, ...]:
        """What in the files has no effect or an older name, a sentence each."""
        return self._loaded.notices

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """Every rule as it holds, and where it is written."""
        return self._loaded.definitions

    @property
    def overrides(self) -> Mapping[str, Definition]:
        """The rules of the files."""
        return self._loaded.overrides

    def allows(self, rule: str, caller: Caller, target: Target | None = None) -> bool:
        """Whether the caller may; without a target, with something of its own project. An unknown rule is a bug."""
        if self._clock() >= self._look_at_s:
            self._look()
        if target is None:
            target = {"project_id": caller.project_id, "user_id": caller.user_id}
        return self._loaded.answers[rule](caller, target)

    def enforce(self, rule: str, caller: Caller, target: Target | None = None) -> None:
        """Raise `Forbidden` unless the caller may."""
        if not self.allows(rule, caller, target):
            raise Forbidden(f"Policy doesn't allow {rule} to be performed.")

    def is_admin(self, caller: Caller) -> bool:
        """Whether the rule `context_is_admin` makes this caller an administrator."""
        target = {"project_id": caller.project_id, "user_id": caller.user_id, "domain_id": caller.domain_id}
        return self.allows("context_is_admin", caller, target)

    def _look(self) -> None:
        """Read the files again if they changed. One thread looks; the others go on with the rules they have."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at_s = self._clock() + _LOOK_EVERY_S
            seen = stamp(policy_files(self.path, self.folders))
            if seen != self._seen:
                self._seen = seen
                self._loaded = _load(self.path, self.folders, enforce_new_defaults=self.enforce_new_defaults)
                _log.info("the policy files were read again")
                for notice in self.notices:
                    _log.warning("%s", notice)
        except Malformed as error:
            _log.error("the policy files are not taken over, the rules before them stay:\n%s", error)
        finally:
            self._looking.release()


def _load(path: Path | None, folders: Iterable[Path], *, enforce_new_defaults: bool) -> _Loaded:
    found = read_policy(policy_files(path, folders))
    defaults = {rule.name: _default(rule, found.rules, only_new=enforce_new_defaults) for rule in RULES}
    definitions = defaults | found.rules
    told = (*_unread(path), *found.notices, *notices(found.rules))
    return _Loaded(compile_rules(definitions), definitions, found.rules, told)


def _default(rule: Rule, overrides: Mapping[str, Definition], *, only_new: bool) -> Definition:
    """What holds for a rule that the files do not name."""
    default = parse(rule.check)
    older = overrides.get(rule.renamed_from) if rule.renamed_from else None
    if older and older.tree not in (parse(rule.before or ""), Check("rule", rule.name)):
        return older
    if only_new or rule.before is None:
        return Definition(default, "default")
    return Definition(Some((default, parse(rule.before))), "default")


def _unread(path: Path | None) -> Iterable[str]:
    """Older releases fell back to this file; rules that an operator believes in must not vanish in silence."""
    if path and not path.exists() and (older := path.with_suffix(".json")).is_file() and older != path:
        yield f"{older}: is not read, for [oslo_policy] policy_file is {path.name}; name it there or rename it"
