"""Find what the rows alone say: dead services, full pools, storage that is served twice, work that does not succeed."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from lapilli.db import invariants, placed, pools, services
from lapilli.operations.findings import Finding
from lapilli.work import administration

_MANY_FAILURES: Final = 10
"""After so many, which is after five minutes, the reason does not seem to pass by itself."""


def findings(tx: Connection, service_down_time_s: float) -> list[Finding]:
    """All of it, for the whole installation."""
    return [*_services(tx, service_down_time_s), *_accounts(tx), *_pools(tx), *_failing(tx), *_contradictions(tx)]


def _services(tx: Connection, service_down_time_s: float) -> Iterator[Finding]:
    for row in services.list_all(tx):
        who = f"{row.binary} on {row.host}"
        if row.age_s > service_down_time_s:
            yield Finding(
                "dead-service",
                row.host,
                f"{who} has given no sign of life for {row.age_s:.0f} s.",
                "Start it, and look into its log. If it is not to come back: "
                f"lapilli manage service remove {row.binary} {row.host}",
            )
        elif row.trouble:
            yield Finding("troubled-service", row.host, f"{who} cannot work: {row.trouble}", "Do as the message says.")
        elif row.disabled:
            yield Finding(
                "disabled-service",
                row.host,
                f"{who} is disabled{f' ({row.disabled_reason})' if row.disabled_reason else ''}: it gets nothing new.",
                f"When it is ready again: openstack volume service set --enable {row.host} {row.binary}",
                is_problem=False,
            )


def _accounts(tx: Connection) -> Iterator[Finding]:
    for account, names in placed.shared_accounts(tx).items():
        yield Finding(
            "shared-storage",
            names[0],
            f"{', '.join(names)} are on the same storage ({account}): its space is counted once for all of them.",
            "Nothing, if that is meant; each still lists the others' volumes as manageable. Else give each its own.",
            is_problem=False,
        )


def _pools(tx: Connection) -> Iterator[Finding]:
    for row in pools.list_all(tx):
        if why := row.capabilities.get("why_closed"):
            yield Finding(
                "full-pool",
                row.name,
                f"The pool takes no more volumes: {why}.",
                "Delete volumes, or give it more space (on LVM: vgextend, then lvextend of the thin pool). "
                "A thin pool that runs full gives I/O errors to all who write to it.",
            )


def _failing(tx: Connection) -> Iterator[Finding]:
    for row in administration.failing(tx, _MANY_FAILURES):
        waiting = pools.kept_back(tx, row.id)
        space = f"{waiting.pool} waits for {waiting.size_gib} GiB to be wiped: " if waiting else ""
        what = row.args["name"] if waiting else row.subject
        yield Finding(
            "failing-operation",
            row.queue.rpartition(":")[2],
            f"{space}{row.kind} of {what} has failed {row.failures} times at its step {row.step}: {row.error}",
            "It is tried again every minute: put right what it says. "
            f"To see more: lapilli manage operations show {row.id}",
        )


def _contradictions(tx: Connection) -> Iterator[Finding]:
    for violation in invariants.check(tx):
        yield Finding(
            "contradiction",
            "database",
            str(violation),
            "Report it as a bug, with `lapilli manage operations list --all`; restarting the services may heal it.",
        )
