"""Quota sets, quota classes and limits."""

from tests.differential.scenario import NOBODY, Ask, Probe, Scenario
from tests.differential.scenarios.steps import see, snapshot, volume, volume_type
from tests.differential.stage import OTHER_PROJECT, PROJECT
from tests.differential.variants import VALUES, scenario

_OF = f"/os-quota-sets/{PROJECT}"
_NAMES = ("volumes", "snapshots", "gigabytes", "backups", "backup_gigabytes", "groups", "per_volume_gigabytes")
SEE = (see(_OF), see(f"{_OF}?usage=True"))
_USED = (volume(), volume("second"), snapshot(), volume_type())
_SHOWN = tuple(
    Ask("GET", path, role=role)
    for path in (
        f"{_OF}?usage=true",
        f"{_OF}?usage=x",
        f"{_OF}?usage=",
        f"/os-quota-sets/{OTHER_PROJECT}",
        f"/os-quota-sets/{NOBODY}",
        "/os-quota-sets/nope",
    )
    for role in ("admin", "member")
)

SCENARIOS = (
    scenario("quotas/show", _USED, Ask("GET", _OF), also=_SHOWN),
    scenario(
        "quotas/defaults",
        (),
        Ask("GET", f"{_OF}/defaults"),
        also=(Ask("GET", f"/os-quota-sets/{OTHER_PROJECT}/defaults", role="member"),),
    ),
    scenario(
        "quotas/update",
        _USED,
        Ask("PUT", _OF, {"quota_set": {"volumes": 5, "gigabytes": 100}}),
        more=(*_NAMES[1:2], "tenant_id"),
        look=SEE,
    ),
    Scenario(
        "quotas/update-values",
        _USED,
        [
            Probe((Ask("PUT", _OF, {"quota_set": {name: value}}, note=f"{name}={value}"), *SEE))
            for name in (
                *_NAMES,
                "volumes_gold",
                "gigabytes___DEFAULT__",
                "volumes_lead",
                "nonsense",
                "id",
                "force",
                "project_id",
            )
            for value in (5, 0, 1, -1, -2, "7")
        ],
    ),
    Scenario(
        "quotas/update-below-usage",
        (*_USED, Ask("PUT", _OF, {"quota_set": {"volumes": 5, "snapshots": 5, "gigabytes": 50}})),
        [
            Probe((Ask("PUT", _OF, {"quota_set": {name: value}}, note=f"{name}={value}"), *SEE))
            for name in ("volumes", "snapshots", "gigabytes", "backups")
            for value in (0, 1, 2, -1)
        ],
    ),
    scenario(
        "quotas/delete",
        (*_USED, Ask("PUT", _OF, {"quota_set": {"volumes": 5}})),
        Ask("DELETE", _OF),
        look=SEE,
        also=(Ask("DELETE", f"/os-quota-sets/{OTHER_PROJECT}"), Ask("DELETE", "/os-quota-sets/nope")),
    ),
    scenario(
        "quotas/class",
        (volume_type(),),
        Ask("GET", "/os-quota-class-sets/default"),
        also=(Ask("GET", "/os-quota-class-sets/other"),),
    ),
    scenario(
        "quotas/class-update",
        (volume_type(),),
        Ask("PUT", "/os-quota-class-sets/default", {"quota_class_set": {"volumes": 5}}),
        look=(see("/os-quota-class-sets/default"), see(f"{_OF}/defaults")),
        also=tuple(
            Ask("PUT", f"/os-quota-class-sets/{name}", {"quota_class_set": {key: value}}, note=f"{key}={value}")
            for name in ("default", "other")
            for key in ("volumes", "volumes_gold", "nonsense", "class_name")
            for value in (7, "7", -1, -2, "x", VALUES["2^31"])
        ),
    ),
    scenario(
        "quotas/limits",
        _USED,
        Ask("GET", "/limits"),
        also=tuple(
            Ask("GET", f"/limits?{query}", role=role, version=version)
            for query in (f"project_id={OTHER_PROJECT}", f"tenant_id={OTHER_PROJECT}", "project_id=nope", "nonsense=1")
            for role in ("admin", "member")
            for version in ("3.0", "3.38", "3.39", "3.71")
        ),
    ),
)
