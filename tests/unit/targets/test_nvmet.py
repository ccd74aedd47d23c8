"""The settings of `nvmet`, its keys, and who its hosts are. What it does is in tests/kernel."""

import base64
import zlib

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.targets import HasDaemon, TargetDriver
from lapilli.model.values import Export
from lapilli.targets.lio import LioTarget
from lapilli.targets.lio_settings import LioSettings
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.nvmet_settings import NvmetSettings

HOST = "nqn.2014-08.org.nvmexpress:uuid:a11ce000-0000-4000-8000-000000000001"
EXPORT = Export("0b1c", "nqn.2010-10.org.openstack:volume-a", 1, "/volumes/a", 1, "user", "password")


@pytest.mark.parametrize(
    ("target", "protocol"),
    [(NvmetTarget(NvmetSettings()), "NVMe-oF"), (LioTarget(LioSettings(target_ip_address="127.0.0.1")), "iSCSI")],
)
def test_it_is_a_target_of_the_kernel(target: TargetDriver, protocol: str) -> None:
    """It says what pools tell of it, and that its targets can be lost."""
    assert target.storage_protocol == protocol
    assert isinstance(target, HasDaemon)


@pytest.mark.parametrize(
    ("told", "begins"), [("nqn.2020-01.org.example:", "nqn.2020-01.org.example:"), ("iqn.a:", "nqn.iqn.a:")]
)
def test_names_begin_as_nvme_wants(told: str, begins: str) -> None:
    """A prefix that was meant for iSCSI is used as Cinder uses it."""
    assert NvmetSettings(target_prefix=told).target_prefix == begins


def test_a_key_is_of_its_host_and_secret() -> None:
    """In the form that nvme-cli takes, with its checksum, and the same every time."""
    target = NvmetTarget(NvmetSettings(nvmet_dhchap_secret="one"))
    key = target._key_of(HOST)
    assert key == target._key_of(HOST)
    assert (
        len({key, target._key_of(f"{HOST}2"), NvmetTarget(NvmetSettings(nvmet_dhchap_secret="two"))._key_of(HOST)}) == 3
    )
    form, kind, encoded, end = key.split(":")
    raw = base64.b64decode(encoded)
    assert (form, kind, end, len(raw)) == ("DHHC-1", "00", "", 36)
    assert zlib.crc32(raw[:32]).to_bytes(4, "little") == raw[32:]
    assert NvmetTarget(NvmetSettings())._key_of(HOST) == ""


def test_the_connection_info_has_both_forms() -> None:
    """The old one tells of one portal in texts, the new one of all in lists."""
    first = NvmetSettings(target_ip_address="10.0.0.1", target_protocol="nvmet_rdma")
    assert NvmetTarget(first)._where(EXPORT) == {
        "target_portal": "10.0.0.1",
        "target_port": "4420",
        "nqn": EXPORT.name,
        "transport_type": "rdma",
        "ns_id": "10",
    }
    addresses = {"target_ip_address": "10.0.0.1", "target_secondary_ip_addresses": ("fd00::1",)}
    second = NvmetSettings(**addresses, nvmeof_conn_info_version=2)
    assert NvmetTarget(second)._where(EXPORT) == {
        "target_nqn": EXPORT.name,
        "vol_uuid": "0b1c",
        "portals": [["10.0.0.1", "4420", "tcp"], ["fd00::1", "4420", "tcp"]],
        "ns_id": "10",
    }


def test_hosts_say_who_they_are() -> None:
    """By their NVMe name; an iSCSI initiator alone is none."""
    target = NvmetTarget(NvmetSettings())
    assert target.check_connector({"nqn": HOST, "initiator": "iqn.a:b", "host": "h"}) == HOST
    for connector in ({}, {"initiator": "iqn.a:b"}, {"nqn": None}, {"nqn": "alice"}, {"nqn": "nqn.a/b"}):
        with pytest.raises(Malformed, match="nvme-cli"):
            target.check_connector(connector)


def test_several_portals_need_the_new_form() -> None:
    """Found before any host is told half of them."""
    settings = NvmetSettings(target_ip_address="127.0.0.1", target_secondary_ip_addresses=("127.0.0.2",))
    with pytest.raises(BackendFailed, match="nvmeof_conn_info_version = 2"):
        NvmetTarget(settings).check()
