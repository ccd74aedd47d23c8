"""Clients at work while services, broker and tgtd are killed: 0 stuck, 0 lost, 0 duplicated, 0 left over."""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from lapilli.db.schema import operations
from tests.crash.cluster import Cluster, all_in_one, separate
from tests.crash.storm import Budget, Tenant
from tests.crash.survey import inventory, problems
from tests.servers import RabbitMq

pytestmark = pytest.mark.long

OPERATIONS = int(os.environ.get("STORM_OPERATIONS", "500"))
SEED = int(os.environ.get("STORM_SEED", "0")) or random.randrange(1, 10**6)
_TENANTS = 8
_KILL_EVERY_S = 2.0
_SETTLES_WITHIN_S = 120.0


def storm(cluster: Cluster) -> str:
    """Run the clients and the killer to their end, and compare what is there with what the clients were told.

    Returns a table of what was done.
    """
    begun = time.monotonic()
    budget = Budget(OPERATIONS)
    tenants = [Tenant(number, cluster.port, budget, SEED) for number in range(_TENANTS)]
    threads = [threading.Thread(target=tenant.work, name=tenant.name) for tenant in tenants]
    for thread in threads:
        thread.start()
    _kill_until_done(cluster, threads)
    for tenant in tenants:
        if tenant.failure:
            raise AssertionError(f"{tenant.name} (seed {SEED}) found: {tenant.failure}") from tenant.failure
    worked_s = time.monotonic() - begun
    wrong = _settled(cluster)
    wrong += _differences(cluster, tenants)
    assert wrong == [], f"with seed {SEED}"
    return _table(cluster, tenants, worked_s)


def _kill_until_done(cluster: Cluster, threads: Sequence[threading.Thread]) -> None:
    """Every two seconds something dies: mostly a service, now and then a tgtd or the broker."""
    choose = random.Random(SEED)
    while any(thread.is_alive() for thread in threads):
        time.sleep(_KILL_EVERY_S)
        for daemon in cluster.daemons:
            daemon.tend()
        lot = choose.random()
        if lot < 0.1:
            cluster.kill_tgt(choose.choice(cluster.places))
        elif lot < 0.2 and cluster.broker:
            cluster.kill_broker(cluster.broker)
        else:
            daemon = choose.choice(cluster.daemons)
            # What has just been started gets the time to answer, or nothing would ever be done.
            if not daemon.serves_http or cluster.answers():
                cluster.kill(daemon)


def _settled(cluster: Cluster) -> list[str]:
    """What is still wrong after all had the time to come to rest."""
    db = cluster.database()
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    while True:
        for daemon in cluster.daemons:
            daemon.tend()
        with db.read() as tx:
            wrong = problems(tx, cluster.places)
        if not wrong or time.monotonic() > deadline:
            db.close()
            return wrong
        time.sleep(0.5)


def _differences(cluster: Cluster, tenants: Sequence[Tenant]) -> list[str]:
    """Lost, duplicated, left over: what the clients know against what is there, with the bytes."""
    known: dict[str, tuple[int, str]] = {}
    for tenant in tenants:
        for volume in tenant.volumes.values():
            known[f"volume {volume.name}"] = (volume.size_gib, volume.content)
            known |= {f"snapshot {name}": (0, content) for name, (_, content) in volume.snapshots.items()}
    db = cluster.database()
    with db.read() as tx:
        there = inventory(tx, cluster.places)
    db.close()
    there = {name: text for name, text in there.items() if name.startswith(("volume ", "snapshot "))}
    wrong = [f"{name} is lost" for name in known.keys() - there.keys()]
    wrong += [f"{name} is left over: {there[name]}" for name in there.keys() - known.keys()]
    for name in known.keys() & there.keys():
        size_gib, content = known[name]
        if f"GiB of {content}" not in there[name] or (size_gib and f", {size_gib} GiB" not in there[name]):
            wrong.append(f"{name} should be {size_gib} GiB of {content}, and is {there[name]}")
    return wrong


def _table(cluster: Cluster, tenants: Sequence[Tenant], worked_s: float) -> str:
    done = sum((tenant.done for tenant in tenants), Counter[str]())
    lines = [f"seed {SEED}, {OPERATIONS} operations of {len(tenants)} clients in {worked_s:.0f} s"]
    lines += [f"  {count:5} {what}" for what, count in sorted(done.items())]
    lines += [f"  {daemon.kills:5} kills of {daemon.name}" for daemon in cluster.daemons]
    lines += [f"        {daemon.name} ended by itself: {fall}" for daemon in cluster.daemons for fall in daemon.falls]
    lines.append(f"  {cluster.tgt_kills:5} kills of tgtd, {cluster.broker_kills} of the broker")
    lines.append(f"  {sum(tenant.client.retries for tenant in tenants):5} requests asked again")
    lines += [f"  {count:5} failed: {why}" for why, count in _failures(cluster).most_common()]
    lines.append("      0 stuck, lost, duplicated or left over")
    return "\n".join(lines)


def _failures(cluster: Cluster) -> Counter[str]:
    """Why operations ended as failed, without the names of things."""
    db = cluster.database()
    with db.read() as tx:
        rows = tx.execute(select(operations.c.kind, operations.c.error).where(operations.c.outcome == "failed"))
        found = Counter(f"{row.kind}: {re.sub(r'[0-9a-f-]{36}', 'X', row.error or '')[:200]}" for row in rows)
    db.close()
    return found


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[Cluster]:
    yield from _running(all_in_one(tmp_path))


@pytest.fixture
def many_processes(tmp_path: Path, postgresql_url: str, amqp_url: str, rabbitmq: RabbitMq) -> Iterator[Cluster]:
    cluster = separate(tmp_path, postgresql_url, amqp_url)
    cluster.broker = rabbitmq
    yield from _running(cluster)


def _running(cluster: Cluster) -> Iterator[Cluster]:
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def test_one_process_on_sqlite(one_process: Cluster, figures: list[str]) -> None:
    """`lapilli up`, killed again and again."""
    figures.append(storm(one_process))


def test_processes_on_postgresql_and_rabbitmq(many_processes: Cluster, figures: list[str]) -> None:
    """Each service a process of its own, two of each kind that may be two; the broker is killed as well."""
    figures.append(storm(many_processes))
