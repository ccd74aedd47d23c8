"""Transfers between projects, in the old form and the new one; storage that is taken over."""

from tests.differential.scenario import NOBODY, Ask, Probe, Put, Scenario
from tests.differential.scenarios.steps import VOLUME_STATES, act, see, snapshot, volume
from tests.differential.variants import lists, scenario


def _new(path: str) -> Ask:
    body = {"transfer": {"volume_id": "{volume}", "name": "one"}}
    return Ask("POST", path, body, role="member", takes={"transfer": "transfer.id", "key": "transfer.auth_key"})


def _family(path: str, name: str, since: int) -> list[Scenario]:
    made = (volume(), _new(path))
    look = (see(f"{path}/detail"), see("/volumes/detail?all_tenants=1"))
    accept = Ask("POST", f"{path}/{{transfer}}/accept", {"accept": {"auth_key": "{key}"}}, role="other")
    return [
        scenario(
            f"transfers/{name}-create",
            (volume(),),
            Ask("POST", path, _new(path).body),
            since=since,
            more=("no_snapshots",),
            look=look,
        ),
        scenario(
            f"transfers/{name}-create-with-snapshot",
            (volume(), snapshot()),
            Ask("POST", path, {"transfer": {"volume_id": "{volume}", "no_snapshots": True}}),
            since=since,
            look=look,
        ),
        Scenario(
            f"transfers/{name}-create-states",
            (volume(),),
            [
                Probe(
                    (
                        Put("volumes", "{volume}", {"status": state}),
                        Ask("POST", path, _new(path).body, note=state),
                        *look,
                    )
                )
                for state in VOLUME_STATES
            ],
        ),
        *(
            lists(
                f"transfers/{name}-list{sub.replace('/', '-')}",
                (*made, volume("second"), Ask("POST", path, {"transfer": {"volume_id": "{second}"}})),
                f"{path}{sub}",
                since=since,
                marker="{transfer}",
                filters=("volume_id={volume}", "accepted=false"),
            )
            for sub in ("", "/detail")
        ),
        scenario(f"transfers/{name}-show", made, Ask("GET", f"{path}/{{transfer}}"), since=since),
        scenario(f"transfers/{name}-accept", made, accept, since=since, look=look),
        scenario(
            f"transfers/{name}-accept-with-snapshot",
            (volume(), snapshot(), _new(path)),
            accept,
            since=since,
            look=(*look, see("/snapshots/detail?all_tenants=1")),
        ),
        scenario(
            f"transfers/{name}-accept-over-quota",
            (*made, Ask("PUT", "/os-quota-sets/b2", {"quota_set": {"volumes": 0}})),
            accept,
            since=since,
            look=look,
        ),
        scenario(f"transfers/{name}-accept-again", (*made, accept), accept, since=since),
        scenario(f"transfers/{name}-delete", made, Ask("DELETE", f"{path}/{{transfer}}"), since=since, look=look),
        Scenario(
            f"transfers/{name}-volume",
            made,
            [
                Probe((Ask("DELETE", "/volumes/{volume}"), *look)),
                Probe((act("os-extend", {"new_size": 2}), *look)),
                Probe((Ask("POST", path, _new(path).body),)),
                Probe((Ask("PUT", "/volumes/{volume}", {"volume": {"name": "new"}}),)),
            ],
        ),
    ]


def _manage(name: str, path: str, since: int) -> list[Scenario]:
    snapshots = "snapshot" in path
    key = "snapshot" if snapshots else "volume"
    inner = (
        {"volume_id": "{volume}", "ref": {"source-name": "x"}}
        if snapshots
        else {"host": "node@files#files", "ref": {"source-name": "x"}}
    )
    more = (
        ("name", "description", "metadata")
        if snapshots
        else ("name", "description", "metadata", "volume_type", "availability_zone", "bootable", "cluster")
    )
    ask = Ask("POST", path, {key: inner})
    also = (
        []
        if snapshots
        else [
            Ask("POST", path, {key: {**inner, **wish}}, note=str(wish))
            for wish in (
                {"host": "nowhere"},
                {"host": "node@files"},
                {"host": "node"},
                {"volume_type": "__DEFAULT__"},
                {"volume_type": "x"},
                {"host": "a b"},
            )
        ]
    )
    return [
        scenario(
            f"managing/{name}", (volume(),), ask, since=since, more=more, look=(see(f"/{key}s/detail"),), also=also
        ),
        *(
            Scenario(
                f"managing/{name}-list{sub.replace('/', '-')}",
                (volume(),),
                [
                    Probe((Ask("GET", f"{path}{sub}{query}", role=role, version=version),))
                    for role in ("admin", "member")
                    for version in (f"3.{since}", "3.17", "3.71")
                    for query in (
                        "",
                        "?host=node@files%23files",
                        "?host=node@files",
                        "?host=nowhere",
                        "?cluster=c",
                        "?host=node@files%23files&limit=1&sort=size:asc",
                        "?host=node@files%23files&limit=x",
                        "?host=node@files%23files&sort=x",
                        "?host=node@files%23files&sort=reference:up",
                        "?host=node@files%23files&offset=x",
                        "?host=node@files%23files&marker=x",
                        "?host=node@files%23files&nonsense=x",
                    )
                ],
            )
            for sub in ("", "/detail")
        ),
    ]


SCENARIOS = (
    *_family("/volume-transfers", "new", 55),
    *_family("/os-volume-transfer", "old", 0),
    Scenario(
        "transfers/accept-others",
        (volume(), _new("/volume-transfers")),
        [
            Probe(
                (
                    Ask(
                        "POST",
                        "/volume-transfers/{transfer}/accept",
                        {"accept": {"auth_key": key}},
                        role="other",
                        note=str(key),
                    ),
                )
            )
            for key in ("wrong", 7, "", None, NOBODY)
        ],
    ),
)
MANAGING = (
    *_manage("volume-old", "/os-volume-manage", 0),
    *_manage("volume", "/manageable_volumes", 8),
    *_manage("snapshot-old", "/os-snapshot-manage", 0),
    *_manage("snapshot", "/manageable_snapshots", 8),
)
