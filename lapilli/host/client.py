"""A client of the Block Storage API for `lapilli attach`, which finds its way as OpenStack's clients do: by OS_*."""

import os
from collections.abc import Mapping
from typing import Any, Final

from keystoneauth1 import exceptions, loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from lapilli.model.errors import Conflict, Malformed, NotFound, Unavailable

_LOCAL: Final = "http://127.0.0.1:8776/v3/admin"
# 3.44 has `os-complete`, 3.54 the mode of an attachment; a newer one would change nothing here.
_MICROVERSION: Final = "3.54"


class BlockStorage:
    """The part of the API that an attachment needs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._adapter = Adapter(
            Session(auth=_plugin(environment), verify=environment.get("OS_CACERT") or True),
            service_type="block-storage",
            interface=environment.get("OS_INTERFACE"),
            region_name=environment.get("OS_REGION_NAME"),
            default_microversion=_MICROVERSION,
        )

    def find_volume(self, name_or_id: str) -> str:
        """The id of a volume; `NotFound` if there is none, `Conflict` if several have the name."""
        named = self._ask("GET", "/volumes", params={"name": name_or_id})["volumes"]
        if len(named) > 1:
            raise Conflict(f"{len(named)} volumes are called {name_or_id}: give the id.")
        if named:
            return str(named[0]["id"])
        return str(self._ask("GET", f"/volumes/{name_or_id}")["volume"]["id"])

    def is_encrypted(self, volume: str) -> bool:
        """Whether the volume's bytes are encrypted by its host."""
        return bool(self._ask("GET", f"/volumes/{volume}")["volume"]["encrypted"])

    def find_attachment(self, volume: str, instance: str) -> Mapping[str, Any] | None:
        """The volume's attachment for `instance`, with its connection info, or None."""
        found = self._ask("GET", "/attachments", params={"volume_id": volume})["attachments"]
        mine = [each["id"] for each in found if each["instance"] == instance]
        return self._attachment("GET", f"/attachments/{mine[0]}") if mine else None

    def attach(self, volume: str, instance: str, connector: Mapping[str, Any]) -> Mapping[str, Any]:
        """Reserve the volume and export it to the host that `connector` describes."""
        wanted = {"volume_uuid": volume, "instance_uuid": instance, "connector": dict(connector)}
        return self._attachment("POST", "/attachments", json={"attachment": wanted})

    def connect(self, attachment: str, connector: Mapping[str, Any]) -> Mapping[str, Any]:
        """Export an attachment's volume to the host that `connector` describes; again, if it was."""
        return self._attachment(
            "PUT", f"/attachments/{attachment}", json={"attachment": {"connector": dict(connector)}}
        )

    def complete(self, attachment: str) -> None:
        """Say that the host has the volume."""
        self._ask("POST", f"/attachments/{attachment}/action", json={"os-complete": None})

    def detach(self, attachment: str) -> None:
        """Give the volume back."""
        self._ask("DELETE", f"/attachments/{attachment}")

    def _attachment(self, method: str, path: str, **about: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._ask(method, path, **about)["attachment"]
        return answer

    def _ask(self, method: str, path: str, **about: Any) -> Any:
        try:
            answer = self._adapter.request(path, method, **about)
        except exceptions.NotFound as error:
            raise NotFound(*_named(path)) from error
        except exceptions.HttpError as error:
            raise Conflict(f"The Block Storage API refuses: {_said(error)}") from error
        except exceptions.ClientException as error:
            raise Unavailable(f"The Block Storage API cannot be reached: {error}") from error
        return answer.json() if answer.content else None


def _said(error: exceptions.HttpError) -> str:
    """The sentence of a fault. keystoneauth1 looks for it where Block Storage does not put it."""
    answer: Any = error.response
    try:
        (fault,) = answer.json().values()
        return f"{fault['message']} (HTTP {error.http_status})"
    except (ValueError, TypeError, KeyError, AttributeError):
        return str(error)


def _named(path: str) -> tuple[str, str]:
    _, collection, *rest = path.split("/")
    return collection.removesuffix("s").capitalize(), rest[0] if rest else ""


def _plugin(environment: Mapping[str, str]) -> Any:
    """The plug-in that OS_AUTH_TYPE names, with its options out of OS_…; by default that of `lapilli up`."""
    default = "password" if "OS_AUTH_URL" in environment else "none"
    name = environment.get("OS_AUTH_TYPE", default)
    try:
        loader: Any = loading.get_plugin_loader(name)
        values = {each.dest: environment.get(f"OS_{each.dest.upper()}") for each in loader.get_options()}
        if name == "none":
            values["endpoint"] = values["endpoint"] or _LOCAL
        return loader.load_from_options(**values)
    except exceptions.ClientException as error:
        raise Malformed(
            f"OS_AUTH_TYPE = {name}: {error}. Set the OS_… variables as for the openstack client."
        ) from error


def from_environment() -> BlockStorage:
    """The API that this process's environment names."""
    return BlockStorage(os.environ)
