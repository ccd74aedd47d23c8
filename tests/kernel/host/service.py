"""A `lapilli up` whose volumes are attached to the guest."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from lapilli.cmd.site_files import config_of, image_of
from lapilli.host import attached
from lapilli.machine.lvm import loop_group
from lapilli.targets.tgt_control import TgtControl
from tests.kernel.host import forked, killed
from tests.kernel.host.forked import Done
from tests.kernel.machine import forget_targets, run, wait_for
from tests.servers.process import free_port
from tests.unit.cmd.programs import LAPILLI, Program

GROUP = "attaching"
# Of the networks for documentation, so nothing else of the guest is there.
SECOND = "192.0.2.2"
TGT_PORT = 17


class Service:
    """`lapilli up` with the data below `place`, and commands that talk to it."""

    def __init__(self, place: Path) -> None:
        self._place, self._port = place, free_port()
        self.data = place / "data"
        self.endpoint = f"http://127.0.0.1:{self._port}/v3/admin"

    def start(self) -> None:
        words = ("up", "--listen", f"127.0.0.1:{self._port}", "--data", str(self.data))
        self._program = Program(self._place / "log", *words)
        wait_for(lambda: "Ctrl-C ends it" in self.said or self._program.process.poll() is not None)
        assert self._program.process.poll() is None, self.said

    def end(self) -> None:
        self._program.end(60)

    @property
    def said(self) -> str:
        return self._program.said

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request at the API, which must grant it."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "OpenStack-API-Version": "volume 3.60"}
        request = urllib.request.Request(f"{self.endpoint}{path}", data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def lapilli(self, *words: str) -> Done:
        """`lapilli WORD…` at this API, run to its end."""
        return forked.run(words, self._environment)

    def killed(self, at: int, *words: str) -> tuple[bool, list[str]]:
        """The same, killed before its step number `at`: whether it was, and the steps until then."""
        log = self._place / "steps"
        log.write_text("")
        done = forked.run(words, self._environment, partial(killed.prepare, at, log))
        assert done.returncode in {0, killed.STATUS}, done.stderr
        return done.returncode != 0, log.read_text().splitlines()

    def new_type(self, name: str, backend: str = "", **encryption: str) -> str:
        """A volume type for one of several backends, or an encrypted one."""
        specs = {"volume_backend_name": backend} if backend else {}
        wish = {"volume_type": {"name": name, "extra_specs": specs}}
        made = str(self.ask("POST", "/types", wish)["volume_type"]["id"])
        if encryption:
            self.ask("POST", f"/types/{made}/encryption", {"encryption": encryption})
        return made

    @contextmanager
    def volume(self, kind: str | None = None) -> Iterator["Volume"]:
        """A new volume `v` of 1 GiB and of a type; in the end nothing is left of it, on this machine or in the service.

        A volume that the test has deleted is gone already.
        """
        wish = {"size": 1, "name": "v", "volume_type": kind}
        made = Volume(self, self.ask("POST", "/volumes", {"volume": wish})["volume"]["id"])
        try:
            wait_for(lambda: made.status != "creating")
            assert made.status == "available", self.said
            yield made
        finally:
            if attached.find(made.id):
                self.lapilli("detach", "--local", made.id)
            for each in made.attachments:
                self.ask("DELETE", f"/attachments/{each['id']}")
            if made.is_there:
                made.delete()

    @property
    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return {**own, "OS_ENDPOINT": self.endpoint}


class Volume:
    """A volume, as the API shows it."""

    def __init__(self, service: Service, id: str) -> None:
        self.service = service
        self.id = id

    @property
    def is_there(self) -> bool:
        return any(each["id"] == self.id for each in self.service.ask("GET", "/volumes")["volumes"])

    @property
    def status(self) -> str:
        return str(self.service.ask("GET", f"/volumes/{self.id}")["volume"]["status"])

    @property
    def attachments(self) -> list[Any]:
        return list(self.service.ask("GET", f"/attachments/detail?volume_id={self.id}")["attachments"])

    def detach_at_the_service(self) -> None:
        """What somebody else does who does not ask this machine."""
        (attachment,) = self.attachments
        self.service.ask("DELETE", f"/attachments/{attachment['id']}")

    def delete(self) -> None:
        self.service.ask("DELETE", f"/volumes/{self.id}")
        wait_for(lambda: not self.is_there)


@contextmanager
def chosen_by_up(place: Path) -> Iterator[Service]:
    """With LVM and LIO, as `lapilli init` prepares and `lapilli up` picks them; two portals, and a key manager."""
    service = Service(place)
    run(*LAPILLI, "init", "--data", str(service.data), "--lvm-loop", "8G", "--volume-group", GROUP)
    config = config_of(service.data)
    config.write_text(f"{config.read_text()}target_secondary_ip_addresses = {SECOND}\n{_KEYS}")
    second_portal("add")
    try:
        service.start()
        yield service
        service.end()
    finally:
        second_portal("delete")
        forget_targets()
        loop_group.remove(image_of(service.data), GROUP)


def second_portal(verb: str) -> None:
    """Have the guest `add` or `delete` the address of the second portal, as if its network came or went."""
    run("ip", "address", verb, f"{SECOND}/32", "dev", "lo")


_KEYS = f"[key_manager]\nbackend = cinder.keymgr.conf_key_mgr.ConfKeyManager\nfixed_key = {'42' * 32}\n"


@contextmanager
def configured(place: Path) -> Iterator[Service]:
    """With two backends, which have types of their names: `tgt` and `nvme`, both of files."""
    service = Service(place)
    service.data.mkdir()
    config_of(service.data).write_text(_BACKENDS)
    service.start()
    try:
        for name in ("tgt", "nvme"):
            service.new_type(name, backend=name)
        yield service
    finally:
        service.end()
        if pid := TgtControl(TGT_PORT, by_socket=True).daemon_pid():
            os.kill(pid, signal.SIGKILL)  # it goes on after its backend


_BACKENDS = f"""\
[DEFAULT]
enabled_backends = tgt, nvme
[tgt]
volume_driver = directory
target_helper = tgtadm
tgt_control_port = {TGT_PORT}
volume_backend_name = tgt
directory_path = $state_path/tgt
target_ip_address = 127.0.0.1
[nvme]
volume_driver = directory
volume_backend_name = nvme
directory_path = $state_path/nvme
target_ip_address = 127.0.0.1
target_helper = nvmet
target_protocol = nvmet_tcp
target_prefix = nqn.2010-10.org.openstack:
target_port = 4420
"""
