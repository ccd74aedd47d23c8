"""What operators see: services, clusters, hosts, pools, capabilities, zones; messages, filters, extensions."""

from tests.differential.scenario import NOBODY, Ask, Probe, Scenario
from tests.differential.scenarios.steps import see, snapshot, volume
from tests.differential.variants import lists, scenario

SEE = (see("/os-services"), see("/os-availability-zone"))
_ON_FILES = {"host": "node@files", "binary": "cinder-volume"}
_HOSTS = ("node@files", "node@more", "node", "node@nowhere", "", None, 7, "x" * 256, "node@files#files")


def _switch(verb: str, **body: object) -> Ask:
    return Ask("PUT", f"/os-services/{verb}", body, note=str(body))


def _variants(verb: str) -> list[Ask]:
    return [
        *(_switch(verb, host=host, binary="cinder-volume", disabled_reason="why") for host in _HOSTS),
        *(
            _switch(verb, host="node", binary=binary, disabled_reason="why")
            for binary in ("cinder-scheduler", "cinder-backup", "cinder-api", "", None)
        ),
        _switch(verb, host="node@files", service="cinder-volume", disabled_reason="why"),
        _switch(verb, host="node@files", disabled_reason="why"),
        _switch(verb, binary="cinder-volume", disabled_reason="why"),
    ]


SCENARIOS = (
    scenario(
        "services/list",
        (),
        Ask("GET", "/os-services"),
        also=tuple(
            Ask("GET", f"/os-services?{query}")
            for query in (
                "host=node",
                "host=node@files",
                "host=x",
                "binary=cinder-volume",
                "binary=x",
                "service=cinder-volume",
                "host=node&binary=cinder-backup",
                "nonsense=1",
                "host=",
            )
        )
        + tuple(Ask("GET", "/os-services", version=version) for version in ("3.6", "3.7", "3.48", "3.49")),
    ),
    *(
        scenario(
            f"services/{verb}",
            (),
            Ask("PUT", f"/os-services/{verb}", _ON_FILES),
            more=("service", "cluster", "disabled_reason"),
            look=SEE,
            also=_variants(verb),
        )
        for verb in ("enable", "disable")
    ),
    scenario(
        "services/disable-log-reason",
        (),
        Ask("PUT", "/os-services/disable-log-reason", {**_ON_FILES, "disabled_reason": "why"}),
        look=SEE,
        also=[
            *_variants("disable-log-reason"),
            *(
                _switch("disable-log-reason", **_ON_FILES, disabled_reason=reason)
                for reason in ("", " ", "x" * 255, "x" * 256, None, 7, "a\nb")
            ),
        ],
    ),
    *(
        scenario(
            f"services/{verb}",
            () if verb == "freeze" else (_switch("freeze", host="node@files"),),
            _switch(verb, host="node@files"),
            look=SEE,
            also=[
                *(
                    Ask("PUT", f"/os-services/{verb}", {"host": host}, note=str(host), version=v)
                    for host in _HOSTS
                    for v in ("3.0", "3.71")
                ),
                Ask("PUT", f"/os-services/{verb}", {}),
                Ask("PUT", f"/os-services/{verb}", {"cluster": "c"}, version="3.25"),
                Ask("PUT", f"/os-services/{verb}", {"cluster": "c"}, version="3.26"),
                Ask("PUT", f"/os-services/{verb}", {"cluster": "c", "host": "node@files"}),
                Ask("PUT", f"/os-services/{verb}", {"host": "node@files", "extra": 1}),
                Ask("PUT", f"/os-services/{verb}", {"host": "node@more"}, note="other"),
            ],
        )
        for verb in ("freeze", "thaw")
    ),
    Scenario(
        "services/frozen",
        (volume(), snapshot(), _switch("freeze", host="node@files")),
        [
            Probe((_switch("freeze", host="node@files"),)),
            Probe((volume("new"), see("/volumes/{new}"))),
            Probe((snapshot("new"), see("/snapshots/detail"))),
            Probe((Ask("DELETE", "/snapshots/{snapshot}"), see("/snapshots/detail"))),
            Probe((Ask("POST", "/volumes/{volume}/action", {"os-extend": {"new_size": 2}}), see("/volumes/{volume}"))),
        ],
    ),
    Scenario(
        "services/disabled",
        (volume(), _switch("disable-log-reason", **_ON_FILES, disabled_reason="why")),
        [
            Probe((volume("new"), see("/volumes/{new}"))),
            Probe(
                (see("/os-services"), see("/os-availability-zone"), see("/scheduler-stats/get_pools"), see("/os-hosts"))
            ),
            Probe((_switch("enable", **_ON_FILES), *SEE)),
        ],
    ),
    scenario(
        "services/failover_host",
        (),
        Ask("PUT", "/os-services/failover_host", {"host": "node@files", "backend_id": "second"}),
        look=SEE,
        more=("cluster",),
    ),
    scenario(
        "services/set-log",
        (),
        Ask(
            "PUT",
            "/os-services/set-log",
            {"binary": "cinder-volume", "server": "node@files", "prefix": "cinder", "level": "INFO"},
        ),
        since=32,
    ),
    scenario(
        "services/get-log",
        (),
        Ask("PUT", "/os-services/get-log", {"binary": "cinder-scheduler", "server": "node", "prefix": "nothing.such"}),
        since=32,
    ),
    Scenario(
        "services/unknown-verb",
        (),
        [Probe((Ask("PUT", "/os-services/nothing", {"host": "node"}, version=version),)) for version in ("3.0", "3.71")]
        + [
            Probe((Ask("PUT", "/os-services/failover", {"host": "node@files"}),)),
            Probe((Ask("GET", "/os-services/enable"),)),
        ],
    ),
    scenario(
        "services/clusters",
        (),
        Ask("GET", "/clusters"),
        since=7,
        also=tuple(
            Ask("GET", f"/clusters{path}{query}", version=version)
            for path in ("", "/detail")
            for version in ("3.7", "3.26", "3.71")
            for query in (
                "",
                "?name=x",
                "?binary=cinder-volume",
                "?is_up=true",
                "?is_up=x",
                "?disabled=x",
                "?num_hosts=1",
                "?num_hosts=x",
                "?num_down_hosts=0",
                "?replication_status=enabled",
                "?frozen=true",
                "?active_backend_id=x",
                "?nonsense=1",
                "?limit=1",
            )
        ),
    ),
    scenario(
        "services/cluster",
        (),
        Ask("GET", "/clusters/none"),
        since=7,
        also=(Ask("GET", "/clusters/none?binary=cinder-volume"),),
    ),
    scenario(
        "services/cluster-enable",
        (),
        Ask("PUT", "/clusters/enable", {"name": "none", "binary": "cinder-volume"}),
        since=7,
    ),
    scenario(
        "services/cluster-disable",
        (),
        Ask("PUT", "/clusters/disable", {"name": "none", "binary": "cinder-volume", "disabled_reason": "why"}),
        since=7,
        also=(Ask("PUT", "/clusters/nothing", {"name": "none"}),),
    ),
    scenario(
        "services/hosts",
        (),
        Ask("GET", "/os-hosts"),
        also=(Ask("GET", "/os-hosts?zone=nova"), Ask("GET", "/os-hosts?zone=x")),
    ),
    scenario(
        "services/host",
        (volume(), snapshot()),
        Ask("GET", "/os-hosts/node@files"),
        also=tuple(Ask("GET", f"/os-hosts/{name}") for name in ("node", "nowhere", "node@files%23files", "node@more")),
    ),
    scenario(
        "services/host-update",
        (),
        Ask("PUT", "/os-hosts/node@files", {"status": "enable"}),
        also=(Ask("PUT", "/os-hosts", {}),),
    ),
    scenario(
        "services/pools",
        (),
        Ask("GET", "/scheduler-stats/get_pools"),
        also=tuple(
            Ask("GET", f"/scheduler-stats/get_pools?{query}", version=version)
            for version in ("3.0", "3.27", "3.28", "3.31", "3.35", "3.71")
            for query in (
                "detail=True",
                "detail=x",
                "detail=",
                "name=node@files%23files",
                "name=x",
                "volume_type=__DEFAULT__",
                "volume_type=x",
                "vendor_name=x",
                "nonsense=1",
                "limit=1",
            )
        ),
    ),
    scenario(
        "services/capabilities",
        (),
        Ask("GET", "/capabilities/node@files"),
        also=tuple(Ask("GET", f"/capabilities/{name}") for name in ("node", "nowhere", "node@files%23files")),
    ),
    scenario(
        "services/cleanup",
        (),
        Ask("POST", "/workers/cleanup", {"host": "node@files", "binary": "cinder-volume"}),
        since=24,
        also=tuple(
            Ask("POST", "/workers/cleanup", body, note=str(body))
            for body in (
                {},
                {"resource_id": NOBODY},
                {"resource_id": NOBODY, "resource_type": "volume"},
                {"resource_type": "x"},
                {"is_up": "x"},
                {"disabled": True},
                {"service_id": 1},
                {"service_id": "x"},
                {"binary": "cinder-api"},
                {"cluster_name": "x"},
            )
        ),
    ),
    scenario(
        "services/zones", (), Ask("GET", "/os-availability-zone"), also=(Ask("GET", "/os-availability-zone/detail"),)
    ),
    scenario(
        "services/resource_filters",
        (),
        Ask("GET", "/resource_filters"),
        since=33,
        also=tuple(Ask("GET", f"/resource_filters?resource={name}") for name in ("volume", "backup", "pool", "x", "")),
    ),
    scenario(
        "services/extensions",
        (),
        Ask("GET", "/extensions"),
        also=tuple(Ask("GET", f"/extensions/{alias}") for alias in ("backups", "os-services", "nothing")),
    ),
    lists(
        "services/messages",
        (volume(size=500),),
        "/messages",
        since=3,
        filters=(
            "resource_uuid={volume}",
            "resource_type=VOLUME",
            "event_id=x",
            "request_id=x",
            "message_level=ERROR",
            "sort=event_id",
        ),
    ),
    scenario(
        "services/message",
        (volume(size=500), Ask("GET", "/messages", takes={"message": "messages.0.id"})),
        Ask("GET", "/messages/{message}"),
        since=3,
    ),
    scenario(
        "services/message-delete",
        (volume(size=500), Ask("GET", "/messages", takes={"message": "messages.0.id"})),
        Ask("DELETE", "/messages/{message}"),
        since=3,
        look=(see("/messages"),),
    ),
)
