"""The steps of `lapilli demo --kernel`: LVM, LIO and the kernel's initiator, down to a file in a file system."""

import shutil
from functools import partial
from typing import Final

from lapilli.cmd.demo.clients import Clients
from lapilli.cmd.demo.host import Host
from lapilli.cmd.demo.instance import Instance
from lapilli.cmd.demo.node import Node
from lapilli.cmd.demo.steps import SNAPSHOT, decision, extend, new_snapshot, new_volume, step, wait
from lapilli.machine.lvm import loop_group
from lapilli.model.errors import Unavailable

_PROGRAMS: Final = {
    "thin_check": "thin-provisioning-tools (RHEL: device-mapper-persistent-data)",
    "iscsiadm": "open-iscsi, and start iscsid",
    "mkfs.ext4": "e2fsprogs",
}


def check() -> None:
    """Raise `Unavailable`, saying what to do, where this machine cannot show it."""
    loop_group.check()
    for program, package in _PROGRAMS.items():
        if shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
            raise Unavailable(f"There is no {program}: install {package}.")


def walk(clients: Clients, instance: Instance, size_mib: int) -> None:
    """Go all steps. Raises `BackendFailed` where a byte is wrong, or something is left."""
    node = Node(instance)
    host = Host(f"http://{instance.listen}/v3/demo", instance.place)
    with node.clean(), host.clean():
        step("A volume group is made in a file", node.make)
        step("The service starts, and picks LVM and LIO", node.start)
        volume = _nine_steps(clients, node, host, size_mib)
        _copies(clients, host, volume, size_mib)
        _growth(clients, host, volume)
        _reversal(clients, host, volume, size_mib)
        _power_cut(node, host, volume)
        step("It is detached", lambda: host.detach(volume))
        step("The snapshots are deleted", lambda: clients.delete_all(SNAPSHOT))
        step("The volumes are deleted, their space is wiped", lambda: _delete(clients, node))


def _nine_steps(clients: Clients, node: Node, host: Host, size_mib: int) -> str:
    volume = step("1 A user asks the API for a volume", lambda: str(clients.ask("create", "--size", "1", "v")["id"]))
    shown = step("  … until it is available", lambda: clients.settled((), volume, "available"))
    step("2 The API asked the scheduler, which weighed the pools", lambda: decision(node.data.parent, volume))
    step("3 The request went to the pool's node", lambda: shown["os-vol-host-attr:host"])
    step("4 The driver made a logical volume", lambda: ", ".join(node.volumes()))
    step("5-8 It is reserved, exported by LIO, told and logged in to", lambda: host.attach(volume))
    step("  … with one target", lambda: ", ".join(node.targets()))
    step("9 The volume is in use", lambda: clients.settled((), volume, "in-use")["attachments"][0]["host_name"])
    step("A file system is made and mounted", lambda: host.make_file_system(volume))
    step(f"{size_mib} random MiB are written to a file", lambda: host.write(volume, size_mib))
    return volume


def _copies(clients: Clients, host: Host, volume: str, size_mib: int) -> None:
    old = host.written
    with host.load(volume):
        snapshot = step("A snapshot is made, while files are written", lambda: new_snapshot(clients, volume))
        clone = step("A clone is made, likewise", lambda: new_volume(clients, "--source", volume))
    step("Other bytes are written to the file", lambda: host.write(volume, size_mib))
    restored = step("A volume is made of the snapshot", lambda: new_volume(clients, "--snapshot", snapshot))
    for name, copy in (("clone", clone), ("snapshot", restored)):
        step(f"The {name} has the bytes of then", partial(host.look_into, copy, old))


def _growth(clients: Clients, host: Host, volume: str) -> None:
    step("The volume grows to 2 GiB, in use", lambda: extend(clients, volume, "in-use"))
    step("The host looks again, and sees 2 GiB", lambda: host.rescan(volume, 2))
    step("The file has its bytes still", lambda: host.compare(volume))


def _reversal(clients: Clients, host: Host, volume: str, size_mib: int) -> None:
    snapshot = step("Another snapshot is made", lambda: new_snapshot(clients, volume))
    kept = host.written
    step("Other bytes are written to the file", lambda: host.write(volume, size_mib))
    step("The host gives the volume back", lambda: host.detach(volume))
    step("The volume is reverted to the snapshot", lambda: _revert(clients, volume, snapshot))
    host.written = kept
    step("It is attached and mounted again", lambda: host.mount(volume))
    step("The file has the bytes of the snapshot", lambda: host.compare(volume))


def _power_cut(node: Node, host: Host, volume: str) -> None:
    step("The storage node loses its power, while the volume is mounted", node.cut_power)
    step("It starts again: volume group, target and permission are back", node.start)
    step("The host's initiator is logged in again", lambda: host.wait_for_session(volume))
    step("The file has its bytes still", lambda: host.compare(volume))
    step("More is written, and on the disk", lambda: host.write_more(volume))


def _revert(clients: Clients, volume: str, snapshot: str) -> None:
    clients.do("revert", snapshot)
    clients.settled((), volume, "available")


def _delete(clients: Clients, node: Node) -> None:
    clients.delete_all(())
    wait(lambda: not node.volumes() and not node.targets(), "Of deleted volumes there is left something")
