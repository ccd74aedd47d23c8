"""Volume types: their extra specs, who may use them, their encryption; default types; QoS specs."""

from tests.differential.scenario import NOBODY, Ask, Probe, Scenario
from tests.differential.scenarios.steps import see, volume, volume_type
from tests.differential.stage import OTHER_PROJECT, PROJECT
from tests.differential.variants import lists, scenario

_MADE = (volume_type(),)
_USED = (volume_type(), volume(volume_type="gold"))
_PRIVATE = (volume_type(**{"os-volume-type-access:is_public": False}),)
_OF = "/types/{type}"
SEE = (see("/types?is_public=none"), see(f"{_OF}/extra_specs"))
_ENCRYPTED = Ask(
    "POST",
    f"{_OF}/encryption",
    {"encryption": {"provider": "luks", "control_location": "front-end", "cipher": "aes", "key_size": 256}},
    takes={"encryption": "encryption.encryption_id"},
)
_ACCESS = Ask("POST", f"{_OF}/action", {"addProjectAccess": {"project": OTHER_PROJECT}})
_QOS = Ask(
    "POST",
    "/qos-specs",
    {"qos_specs": {"name": "fast", "consumer": "back-end", "iops": "100"}},
    takes={"qos": "qos_specs.id"},
)
_DEFAULT = Ask("PUT", f"/default-types/{PROJECT}", {"default_type": {"volume_type": "gold"}})
_ASSOCIATED = (*_MADE, _QOS, Ask("GET", "/qos-specs/{qos}/associate?vol_type_id={type}"))
_SEE_QOS = (see("/qos-specs"), see("/qos-specs/{qos}"), see("/qos-specs/{qos}/associations"))

SCENARIOS = (
    scenario(
        "types/create",
        (),
        Ask("POST", "/types", {"volume_type": {"name": "gold", "extra_specs": {"a": "b"}}}),
        more=("description", "os-volume-type-access:is_public", "is_public"),
        look=SEE,
        also=(
            Ask("POST", "/types", {"volume_type": {"name": "__DEFAULT__"}}, note="taken"),
            *(
                Ask("POST", "/types", {"volume_type": {"name": "g", "extra_specs": specs}}, note=str(specs))
                for specs in (
                    {"multiattach": "<is> True"},
                    {"multiattach": "<is> True", "cacheable": "<is> True"},
                    {"a b": "c"},
                    {"a/b": "c"},
                    {"": "c"},
                    {"a": None},
                    {"a": 1},
                    {"image_service:store_id": "x"},
                    {"provisioning:min_vol_size": "x"},
                    {"RESKEY:availability_zones": "nova,mars"},
                )
            ),
        ),
    ),
    lists(
        "types/list",
        (
            volume_type(),
            volume_type("second", name="silver"),
            volume_type("hidden", name="hidden", **{"os-volume-type-access:is_public": False}),
        ),
        "/types",
        marker="{type}",
        filters=(
            "is_public=true",
            "is_public=false",
            "is_public=none",
            "is_public=None",
            "is_public=x",
            "is_public=",
            "extra_specs={'a':'b'}",
            "extra_specs={'a':'c'}",
            "extra_specs=x",
            "description=x",
            "sort=is_public",
        ),
    ),
    scenario(
        "types/show",
        _MADE,
        Ask("GET", _OF),
        also=(Ask("GET", "/types/default"), Ask("GET", "/types/gold"), Ask("GET", "/types/default", role="member")),
    ),
    scenario("types/show-private", _PRIVATE, Ask("GET", _OF)),
    scenario(
        "types/update",
        _MADE,
        Ask("PUT", _OF, {"volume_type": {"name": "new", "description": "text", "is_public": False}}),
        look=SEE,
        also=(
            Ask("PUT", _OF, {"volume_type": {"name": "__DEFAULT__"}}, note="taken"),
            Ask("PUT", _OF, {"volume_type": {"name": "gold"}}, note="the same"),
            Ask("PUT", _OF, {"volume_type": {"description": "d"}}, note="description"),
            Ask("PUT", _OF, {"volume_type": {"is_public": False}}, note="is_public"),
        ),
    ),
    scenario("types/delete", _MADE, Ask("DELETE", _OF), look=SEE, also=(Ask("DELETE", "/types/__DEFAULT__"),)),
    scenario("types/delete-used", _USED, Ask("DELETE", _OF), look=SEE),
    scenario("types/update-used", _USED, Ask("PUT", _OF, {"volume_type": {"name": "new"}}), look=SEE),
    scenario("types/specs", _MADE, Ask("GET", f"{_OF}/extra_specs")),
    scenario(
        "types/specs-create",
        _MADE,
        Ask("POST", f"{_OF}/extra_specs", {"extra_specs": {"c": "d"}}),
        look=SEE,
        also=tuple(
            Ask("POST", f"{_OF}/extra_specs", {"extra_specs": specs}, note=str(specs))
            for specs in (
                {"a": "e"},
                {"multiattach": "<is> True", "cacheable": "<is> True"},
                {"a b": "c"},
                {"a.b:c_d-e": "f"},
            )
        ),
    ),
    scenario(
        "types/specs-create-used", _USED, Ask("POST", f"{_OF}/extra_specs", {"extra_specs": {"c": "d"}}), look=SEE
    ),
    scenario(
        "types/spec",
        _MADE,
        Ask("GET", f"{_OF}/extra_specs/a"),
        also=(Ask("GET", f"{_OF}/extra_specs/none"), Ask("GET", f"{_OF}/extra_specs/a", role="member")),
    ),
    scenario(
        "types/spec-set",
        _MADE,
        Ask("PUT", f"{_OF}/extra_specs/a", {"a": "c"}),
        look=SEE,
        also=tuple(
            Ask("PUT", f"{_OF}/extra_specs/a", body, note=str(body))
            for body in (
                {"b": "c"},
                {"a": "b", "c": "d"},
                {"a": None},
                {"a": 1},
                {"a": ""},
                {"a": "x" * 256},
                {"a": {}},
            )
        ),
    ),
    scenario("types/spec-set-used", _USED, Ask("PUT", f"{_OF}/extra_specs/a", {"a": "c"}), look=SEE),
    scenario(
        "types/spec-delete",
        _MADE,
        Ask("DELETE", f"{_OF}/extra_specs/a"),
        look=SEE,
        also=(Ask("DELETE", f"{_OF}/extra_specs/none"),),
    ),
    scenario("types/spec-delete-used", _USED, Ask("DELETE", f"{_OF}/extra_specs/a"), look=SEE),
    scenario("types/access", _PRIVATE, Ask("GET", f"{_OF}/os-volume-type-access")),
    scenario("types/access-public", _MADE, Ask("GET", f"{_OF}/os-volume-type-access")),
    scenario(
        "types/access-add",
        _PRIVATE,
        _ACCESS,
        look=(see(f"{_OF}/os-volume-type-access"), Ask("GET", "/types", role="other")),
    ),
    scenario("types/access-add-public", _MADE, _ACCESS),
    scenario("types/access-add-again", (*_PRIVATE, _ACCESS), _ACCESS),
    scenario(
        "types/access-remove",
        (*_PRIVATE, _ACCESS),
        Ask("POST", f"{_OF}/action", {"removeProjectAccess": {"project": OTHER_PROJECT}}),
        look=(see(f"{_OF}/os-volume-type-access"),),
    ),
    Scenario(
        "types/actions",
        _MADE,
        [
            Probe((Ask("POST", f"{_OF}/action", {action: {}}, note=action),))
            for action in ("create", "update", "delete", "nothing")
        ],
    ),
    scenario("types/encryption-create", _MADE, _ENCRYPTED, look=(see(f"{_OF}/encryption"),)),
    scenario("types/encryption-create-again", (*_MADE, _ENCRYPTED), _ENCRYPTED),
    scenario("types/encryption-create-used", _USED, _ENCRYPTED),
    scenario("types/encryption", (*_MADE, _ENCRYPTED), Ask("GET", f"{_OF}/encryption")),
    scenario("types/encryption-none", _MADE, Ask("GET", f"{_OF}/encryption")),
    scenario(
        "types/encryption-field",
        (*_MADE, _ENCRYPTED),
        Ask("GET", f"{_OF}/encryption/cipher"),
        also=tuple(
            Ask("GET", f"{_OF}/encryption/{name}") for name in ("key_size", "provider", "control_location", "nope")
        ),
    ),
    scenario(
        "types/encryption-update",
        (*_MADE, _ENCRYPTED),
        Ask("PUT", f"{_OF}/encryption/{{encryption}}", {"encryption": {"cipher": "new", "key_size": 128}}),
        more=("provider", "control_location"),
        look=(see(f"{_OF}/encryption"),),
    ),
    scenario(
        "types/encryption-delete",
        (*_MADE, _ENCRYPTED),
        Ask("DELETE", f"{_OF}/encryption/{{encryption}}"),
        look=(see(f"{_OF}/encryption"),),
    ),
    scenario("types/default-set", _MADE, _DEFAULT, since=62, look=(see("/default-types"), see("/types/default"))),
    scenario("types/default-list", (*_MADE, _DEFAULT), Ask("GET", "/default-types"), since=62),
    scenario(
        "types/default-show",
        (*_MADE, _DEFAULT),
        Ask("GET", f"/default-types/{PROJECT}"),
        since=62,
        also=(Ask("GET", f"/default-types/{OTHER_PROJECT}"), Ask("GET", f"/default-types/{NOBODY}")),
    ),
    scenario(
        "types/default-delete",
        (*_MADE, _DEFAULT),
        Ask("DELETE", f"/default-types/{PROJECT}"),
        since=62,
        also=(Ask("DELETE", f"/default-types/{OTHER_PROJECT}"), Ask("DELETE", _OF)),
        look=(see("/default-types"), see("/types/default")),
    ),
    scenario("types/qos-create", (), _QOS, look=(see("/qos-specs"),)),
    scenario("types/qos-create-again", (_QOS,), _QOS),
    lists(
        "types/qos-list",
        (_QOS, Ask("POST", "/qos-specs", {"qos_specs": {"name": "slow"}})),
        "/qos-specs",
        marker="{qos}",
        filters=("consumer=back-end", "consumer=x", "id={qos}"),
    ),
    scenario("types/qos-show", (_QOS,), Ask("GET", "/qos-specs/{qos}")),
    scenario(
        "types/qos-update",
        (_QOS,),
        Ask("PUT", "/qos-specs/{qos}", {"qos_specs": {"iops": "200", "consumer": "both"}}),
        look=_SEE_QOS,
        also=(Ask("PUT", "/qos-specs/{qos}", {"qos_specs": {"name": "other"}}, note="name"),),
    ),
    scenario(
        "types/qos-delete-keys",
        (_QOS,),
        Ask("PUT", "/qos-specs/{qos}/delete_keys", {"keys": ["iops"]}),
        look=_SEE_QOS,
        also=tuple(
            Ask("PUT", "/qos-specs/{qos}/delete_keys", {"keys": keys}, note=str(keys))
            for keys in (["none"], ["iops", "iops"], [], [""], [1])
        ),
    ),
    *(
        scenario(
            f"types/qos-delete{name}",
            setup,
            Ask("DELETE", "/qos-specs/{qos}"),
            look=(see("/qos-specs"),),
            also=tuple(Ask("DELETE", f"/qos-specs/{{qos}}?force={word}") for word in ("true", "false", "x", "")),
        )
        for name, setup in (("", (_QOS,)), ("-associated", _ASSOCIATED))
    ),
    scenario(
        "types/qos-associate",
        (*_MADE, _QOS),
        Ask("GET", "/qos-specs/{qos}/associate?vol_type_id={type}"),
        look=(*_SEE_QOS, see(_OF)),
        also=(
            Ask("GET", "/qos-specs/{qos}/associate"),
            Ask("GET", f"/qos-specs/{{qos}}/associate?vol_type_id={NOBODY}"),
            Ask("GET", "/qos-specs/{qos}/associate?vol_type_id=gold"),
        ),
    ),
    *(
        scenario(f"types/qos-{verb}", _ASSOCIATED, Ask("GET", f"/qos-specs/{{qos}}/{verb}"), look=_SEE_QOS)
        for verb in (
            "associations",
            "associate?vol_type_id={type}",
            "disassociate?vol_type_id={type}",
            "disassociate",
            "disassociate_all",
        )
    ),
)
