"""LIO, the kernel's SCSI target, through rtslib: for each volume a backstore, and a target with one portal group.

What is here changes the kernel's configuration by its names alone; `saveconfig.json` is never written, since the rows
of the service say what has to be there. Each function may be killed anywhere, and finishes that when called again.
"""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lapilli.machine.kernel_targets import configfs, lio_backstore, lio_portals
from lapilli.machine.privileged.mark import privileged
from lapilli.model.errors import BackendFailed, Malformed

_ROOT: Final = configfs.ROOT / "target"
_TARGETS: Final = _ROOT / "iscsi"
_LUN: Final = 0
_TAG: Final = 1
# Nobody logs in without a rule of his own and the password, nor is told of targets that are not for him.
_CLOSED: Final = {"authentication": "1", "generate_node_acls": "0", "demo_mode_discovery": "0"}
# Where the kernel keeps reservations that outlive a power cut; rtslib insists on it.
_KERNELS_NOTES: Final = Path("/etc/target")


@privileged
def prepare(iser: bool) -> None:
    """Have the kernel's target with its iSCSI (and iSER); `BackendFailed` says what is missing."""
    configfs.load("target_core_mod", "target_core_iblock", "target_core_file", "iscsi_target_mod")
    if iser:
        try:
            configfs.load("ib_isert")
        except BackendFailed as failed:
            raise BackendFailed(
                f"{failed} Without the module ib_isert and a network card that does RDMA, set target_protocol = iscsi."
            ) from failed
    _KERNELS_NOTES.mkdir(mode=0o700, exist_ok=True)
    with _changing() as rtslib:
        rtslib.RTSRoot()
        _TARGETS.mkdir(exist_ok=True)


@privileged
def make_target(
    name: str,
    path: str,
    size_bytes: int,
    serial: str,
    portals: list[str],
    iser: bool,
    write_cache: bool,
    read_only: bool,
) -> None:
    """The target exists with the volume as its LUN, and nobody may log in but those admitted before.

    `portals` are `address:port`; `serial` (hexadecimal) is how initiators know the disk again. What serves another
    path is replaced; else nobody who is logged in notices.
    """
    configfs.check_target(name)
    configfs.check_source(path)
    if size_bytes <= 0 or not re.fullmatch("[0-9a-f]{1,32}", serial):
        raise Malformed(f"A target of {size_bytes} bytes with the serial {serial!r} cannot be made.")
    where = lio_portals.checked(portals)
    with _changing() as rtslib:
        group = rtslib.TPG(rtslib.Target(rtslib.FabricModule("iscsi"), name), _TAG)
        for attribute, value in _CLOSED.items():
            if group.get_attribute(attribute) != value:
                group.set_attribute(attribute, value)
        store = lio_backstore.find(rtslib, name)
        if store is None or not lio_backstore.is_of(store, path, serial):
            _remove_lun(group)
            if store is not None:
                lio_backstore.remove(store)
            store = lio_backstore.make(rtslib, name, path, size_bytes, serial, write_cache=write_cache)
        lio_backstore.resize(store, size_bytes)
        _make_lun(rtslib, group, store)
        for rule in group.node_acls:
            _map(rtslib, group, rule, read_only=read_only)
        lio_portals.serve(rtslib, group, where, iser=iser)
        group.enable = True


@privileged
def admit(name: str, initiator: str, username: str, password: str, read_only: bool) -> bool:
    """Let an initiator log in with this name and password; false if there is no such target."""
    configfs.check_target(name)
    configfs.check_name(initiator)
    if not (username and password) or not (username + password).isprintable():
        raise Malformed("An initiator needs a user name and a password without control characters.")
    with _changing() as rtslib:
        group = _find_group(rtslib, name)
        if group is None or not group.enable:
            return False
        rule = rtslib.NodeACL(group, initiator)
        # A rule without a password lets nobody in, so a stop between these lines leaves nothing open.
        if rule.chap_userid != username:
            rule.chap_userid = username
        if rule.chap_password != password:
            rule.chap_password = password
        _map(rtslib, group, rule, read_only=read_only)
        return True


@privileged
def expel(name: str, initiator: str) -> None:
    """End all sessions of the initiator and let it in no more. The kernel answers when the last I/O is done."""
    configfs.check_target(name)
    configfs.check_name(initiator)
    with _changing() as rtslib:
        group = _find_group(rtslib, name)
        for rule in list(group.node_acls) if group else ():
            if rule.node_wwn == initiator.lower():
                rule.delete()
    if initiator.lower() in sessions(name):
        raise BackendFailed(f"{initiator} still has a session with {name}, though it may not.")


@privileged
def resize(name: str, size_bytes: int) -> None:
    """Show a file's new size; a block device's is shown as it is. Nothing if there is no such target."""
    configfs.check_target(name)
    if size_bytes <= 0:
        raise Malformed(f"A target cannot have {size_bytes} bytes.")
    with _changing() as rtslib:
        store = lio_backstore.find(rtslib, name)
        if store is not None and store.is_configured():
            lio_backstore.resize(store, size_bytes)


@privileged
def remove_target(name: str) -> None:
    """End all sessions and leave nothing of the target and its backstore. Nothing if there is none."""
    configfs.check_target(name)
    with _changing() as rtslib:
        if (_TARGETS / name).is_dir():
            rtslib.Target(rtslib.FabricModule("iscsi"), name, "lookup").delete()
        store = lio_backstore.find(rtslib, name)
        if store is not None:
            lio_backstore.remove(store)
        lio_backstore.sweep()


def is_ready(iser: bool) -> bool:
    """Whether `prepare` has nothing to do. Needs no root."""
    return _TARGETS.is_dir() and (not iser or Path("/sys/module/ib_isert").is_dir())


def targets() -> list[str]:
    """The names of all targets, whoever made them. Needs no root."""
    if not _TARGETS.is_dir():
        return []
    return sorted(each.name for each in _TARGETS.iterdir() if (each / f"tpgt_{_TAG}").is_dir())


def portals() -> set[str]:
    """`address:port` of all portals, whoever made them. Needs no root."""
    return {each.name for each in _TARGETS.glob("*/tpgt_*/np/*")}


def sessions(name: str) -> set[str]:
    """Which initiators have a session with the target. Needs no root."""
    found = set()
    for rule in (_TARGETS / name / f"tpgt_{_TAG}" / "acls").glob("*"):
        try:
            shown = (rule / "info").read_text()
        except FileNotFoundError:
            continue  # it was taken away meanwhile, with its sessions
        if not shown.startswith("No active"):
            found.add(rule.name)
    return found


@contextmanager
def _changing() -> Iterator[Any]:
    """rtslib, for one caller at a time: it is neither safe for threads nor does it notice other processes."""
    try:
        rtslib: Any = importlib.import_module("rtslib_fb")
    except ImportError as error:
        raise BackendFailed(
            "LIO needs rtslib, which is not installed: `pip install lapilli[lio]`, or choose another target_helper."
        ) from error
    with configfs.alone(_ROOT):
        try:
            yield rtslib
        except (rtslib.RTSLibError, OSError) as error:
            raise BackendFailed(f"LIO refused: {error}.") from error


def _find_group(rtslib: Any, name: str) -> Any:
    """The target's portal group, or None."""
    if not (_TARGETS / name / f"tpgt_{_TAG}").is_dir():
        return None
    return rtslib.TPG(rtslib.Target(rtslib.FabricModule("iscsi"), name, "lookup"), _TAG, "lookup")


def _make_lun(rtslib: Any, group: Any, store: Any) -> None:
    for lun in group.luns:
        if _links(lun.path) == [str(store.path)]:
            return
    _remove_lun(group)
    rtslib.LUN(group, _LUN, store)


def _remove_lun(group: Any) -> None:
    for lun in group.luns:
        lun.delete()


def _map(rtslib: Any, group: Any, rule: Any, *, read_only: bool) -> None:
    """The rule's initiator sees the LUN."""
    for mapped in rule.mapped_luns:
        if _links(mapped.path) == [f"{group.path}/lun/lun_{_LUN}"]:
            if mapped.write_protect != read_only:
                mapped.write_protect = read_only
            return
        mapped.delete()
    rtslib.MappedLUN(rule, _LUN, _LUN, read_only)


def _links(folder: str) -> list[str]:
    return [str(each.resolve()) for each in Path(folder).iterdir() if each.is_symlink()]
