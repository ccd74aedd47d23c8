"""nvmet, the kernel's NVMe target: for each volume a subsystem with one namespace.

What is here changes the kernel's configuration by its names alone. Each function may be killed anywhere, and finishes
that when called again.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from lapilli.machine.kernel_targets import configfs, nvmet_hosts, nvmet_ports
from lapilli.machine.privileged.mark import privileged
from lapilli.model.errors import BackendFailed, Malformed

_ROOT: Final = configfs.ROOT / "nvmet"
_SUBSYSTEMS: Final = _ROOT / "subsystems"
_MODULES: Final = {"tcp": "nvmet-tcp", "rdma": "nvmet-rdma"}
_KEY: Final = re.compile(r"DHHC-1:0[0-3]:[A-Za-z0-9+/=]{48,92}:")
_MOST_NAMESPACES: Final = 1024


@privileged
def prepare(transport: str, authenticates: bool) -> None:
    """Have the kernel's target with this transport (tcp, rdma), and with DH-CHAP; says what is missing."""
    if transport not in _MODULES:
        raise Malformed(f"nvmet has no transport {transport!r}.")
    configfs.load("nvmet", _MODULES[transport])
    if authenticates and not _knows_keys():
        raise BackendFailed(
            "This kernel's nvmet has no DH-CHAP (it needs 6.0 or later with CONFIG_NVME_TARGET_AUTH): "
            "unset nvmet_dhchap_secret, or use another kernel."
        )


@privileged
def make_subsystem(
    name: str, path: str, volume_id: str, number: int, portals: list[list[str]], first_port: int
) -> None:
    """The subsystem exists with the volume as its namespace, and no host may connect but those admitted before.

    Each of `portals` is an address, a port and a transport. A port of nvmet that is there is shared, a new one gets
    the first free number from `first_port` on. What serves another path is replaced; else no host notices.
    """
    configfs.check_target(name)
    configfs.check_source(path)
    where = nvmet_ports.checked(portals, first_port)
    if not 0 < number <= _MOST_NAMESPACES:
        raise Malformed(f"{number} is no number of a namespace.")
    try:
        identity = str(uuid.UUID(volume_id))
    except ValueError as error:
        raise Malformed(f"{volume_id!r} is no UUID.") from error
    with _changing():
        subsystem = _SUBSYSTEMS / name
        subsystem.mkdir(exist_ok=True)
        _say(subsystem / "attr_allow_any_host", "0")
        _say(subsystem / "attr_serial", identity.replace("-", "")[:20])
        for namespace in (subsystem / "namespaces").iterdir():
            if namespace.name != str(number):
                _remove_namespace(namespace)
        _make_namespace(subsystem / "namespaces" / str(number), path, identity)
        nvmet_ports.link(subsystem, where, first_port)


@privileged
def admit(name: str, host: str, dhchap_key: str) -> bool:
    """Let a host connect, if it has the key (empty: without one); false if there is no such subsystem.

    The kernel has one key for each host, whatever it connects to.
    """
    configfs.check_target(name)
    configfs.check_name(host)
    if dhchap_key and not _KEY.fullmatch(dhchap_key):
        raise Malformed("A DH-CHAP key looks like DHHC-1:00:…:")
    with _changing():
        if not (_SUBSYSTEMS / name).is_dir() or not nvmet_ports.linked(_SUBSYSTEMS / name):
            return False
        folder = nvmet_hosts.known(host, dhchap_key)
        with suppress(FileExistsError):
            (_SUBSYSTEMS / name / "allowed_hosts" / host).symlink_to(folder)
        return True


@privileged
def expel(name: str, host: str, portals: list[list[str]], first_port: int) -> None:
    """End the host's connections and let it in no more; when this returns, none of its I/O is under way.

    Where the kernel shows who is connected, only this host's connections end. Elsewhere they can only be ended
    together: the other hosts of this subsystem lose theirs, too, and come back by themselves (after ten seconds, if
    they are Linux), with their I/O waiting meanwhile.
    """
    configfs.check_target(name)
    configfs.check_name(host)
    where = nvmet_ports.checked(portals, first_port)
    subsystem = _SUBSYSTEMS / name
    with _changing():
        if not subsystem.is_dir():
            return
        rule = subsystem / "allowed_hosts" / host
        if nvmet_hosts.are_shown(name):
            rule.unlink(missing_ok=True)
            nvmet_hosts.disconnect(name, host)
        elif rule.is_symlink():
            # The rule goes last but one: while it is there, a call that was killed is repeated as a whole.
            nvmet_ports.unlink(subsystem)
            for namespace in (subsystem / "namespaces").iterdir():
                _say(namespace / "enable", "0")
            rule.unlink()
        for namespace in (subsystem / "namespaces").iterdir():
            with suppress(OSError):  # a volume that cannot be opened any more keeps nobody in
                _say(namespace / "enable", "1")
        nvmet_ports.link(subsystem, where, first_port)
        nvmet_hosts.sweep()


@privileged
def resize(name: str) -> None:
    """Tell the hosts of the subsystem that its volume has another size, if it has. Nothing if there is none."""
    configfs.check_target(name)
    with _changing():
        for namespace in (_SUBSYSTEMS / name / "namespaces").glob("*"):
            if (namespace / "enable").read_text().strip() == "1":
                (namespace / "revalidate_size").write_text("1")


@privileged
def remove_subsystem(name: str) -> None:
    """End all connections and leave nothing of the subsystem, nor of hosts and ports of ours that no other needs."""
    configfs.check_target(name)
    with _changing():
        subsystem = _SUBSYSTEMS / name
        if subsystem.is_dir():
            nvmet_ports.unlink(subsystem)
            for rule in (subsystem / "allowed_hosts").iterdir():
                rule.unlink()
            for namespace in (subsystem / "namespaces").iterdir():
                _remove_namespace(namespace)
            subsystem.rmdir()
        nvmet_ports.sweep()
        nvmet_hosts.sweep()


@privileged
def connected(name: str) -> list[str] | None:
    """The hosts that are connected to the subsystem, none if it has gone; None where this kernel does not say it.

    It does from 6.11 on, if it was built so (CONFIG_NVME_TARGET_DEBUGFS) and debugfs is mounted, for root alone.
    """
    configfs.check_target(name)
    if not (_SUBSYSTEMS / name).is_dir():
        return []
    return sorted(nvmet_hosts.connected(name)) if nvmet_hosts.are_shown(name) else None


def is_ready(transport: str) -> bool:
    """Whether `prepare` has nothing to load. Needs no root."""
    module = _MODULES[transport].replace("-", "_")
    return _SUBSYSTEMS.is_dir() and Path("/sys/module", module).is_dir()


def subsystems() -> list[str]:
    """The names of all subsystems, whoever made them. Needs no root."""
    return sorted(each.name for each in _SUBSYSTEMS.glob("*"))


def portals() -> set[str]:
    """`address:port` of all ports that serve, whoever made them. Needs no root."""
    return nvmet_ports.serving()


@contextmanager
def _changing() -> Iterator[None]:
    """One caller at a time, since ports and hosts are shared."""
    with configfs.alone(_ROOT):
        try:
            yield
        except OSError as error:
            raise BackendFailed(f"nvmet refused: {error}.") from error


def _knows_keys() -> bool:
    """Whether hosts can have keys, which only a host shows."""
    probe = nvmet_hosts.HOSTS / f"nqn.2014-08.org.nvmexpress:uuid:{uuid.uuid4()}"
    with _changing():
        probe.mkdir()
        try:
            return (probe / "dhchap_key").is_file()
        finally:
            probe.rmdir()


def _say(attribute: Path, value: str) -> None:
    """Write it, unless it is so: a word that changes nothing may still be an event for those who are connected."""
    if attribute.read_text().strip() != value:
        attribute.write_text(value)


def _make_namespace(namespace: Path, path: str, identity: str) -> None:
    namespace.mkdir(exist_ok=True)
    wanted = {"device_path": path, "device_uuid": identity}
    if any((namespace / key).read_text().strip() != value for key, value in wanted.items()):
        _say(namespace / "enable", "0")
        for key, value in wanted.items():
            _say(namespace / key, value)
    try:
        _say(namespace / "enable", "1")
    except OSError as error:
        raise BackendFailed(f"nvmet cannot export {path}: {error.strerror}. Is it in use on this machine?") from error


def _remove_namespace(namespace: Path) -> None:
    _say(namespace / "enable", "0")  # returns when its last I/O is done
    namespace.rmdir()
