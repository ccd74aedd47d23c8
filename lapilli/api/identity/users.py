"""Reads the file of users: `USER:BCRYPT-HASH[:PROJECT,…[:ROLE,…]]`, one to a line, `#` before comments.

The first two fields are Apache's. Without projects a user works in the project of its own name; `*` stands for any
project that a URL names. Without roles it is a member.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lapilli.model.errors import Malformed

_ANY_PROJECT = "*"
# Each step of the cost doubles the time; 16 is some 5 seconds, and more would stop the service.
_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_WORD = re.compile(r"[^\s/:,]+")
# Keystone's bootstrap gives a role its lesser ones; the policy counts on it.
_IMPLIED = {"admin": {"admin", "member", "reader"}, "member": {"member", "reader"}}


@dataclass(frozen=True)
class User:
    """Who may enter. `projects` has the usual one first; `cost` is bcrypt's."""

    name: str
    password_hash: bytes
    cost: int
    projects: tuple[str, ...]
    roles: frozenset[str]

    def project_for(self, url_project: str | None) -> str:
        """The project of the URL if the user may act in it, else its usual one."""
        if url_project is not None and (url_project in self.projects or _ANY_PROJECT in self.projects):
            return url_project
        return next((project for project in self.projects if project != _ANY_PROJECT), self.name)


def read_users(path: Path) -> tuple[dict[str, User], list[str]]:
    """The users by name, and a sentence with file and line for each bad line. Raises `Malformed` for a bad file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"The file of users {path} cannot be read: {error}.") from error
    users: dict[str, User] = {}
    mistakes = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            user = _user(line.strip())
        except Malformed as error:
            mistakes.append(f"{path}:{number}: {error}.")
            continue
        if user.name in users:
            mistakes.append(f"{path}:{number}: the user {user.name} has a line already.")
        users.setdefault(user.name, user)
    return users, mistakes


def _user(line: str) -> User:
    """One line. The message must not repeat what may be a password."""
    name, _, rest = line.partition(":")
    password_hash, *further = rest.split(":")
    cost = _HASH.fullmatch(password_hash)
    if not name or not cost:
        raise Malformed("is not USER:HASH with a bcrypt hash of cost 4 to 16; `htpasswd -B` makes one")
    if len(further) > 2:  # noqa: PLR2004 - projects and roles
        raise Malformed("has more fields than USER:HASH:PROJECTS:ROLES")
    projects, roles = [_listed(field) for field in [*further, "", ""][:2]]
    return User(
        name=name,
        password_hash=password_hash.encode(),
        cost=int(cost[1]),
        projects=projects or (name,),
        roles=frozenset(one for role in roles or ("member",) for one in _IMPLIED.get(role, {role})),
    )


def _listed(field: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in field.split(",") if word.strip())
    for word in words:
        if not _WORD.fullmatch(word):
            raise Malformed(f"`{word}` is no name of a project or role: it has a space or a slash")
    return words
