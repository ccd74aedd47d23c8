"""Old names are read as their successors, with one notice each."""

import pytest

from lapilli.settings.legacy import translate
from lapilli.settings.reader import read


def translated(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    entries, notices = translate(read(text, "f").entries)
    values = {f"{each.section}/{each.name}": each.value for each in entries}
    return values, [(notice.line, notice.message) for notice in notices]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[database]\nsql_connection = x", "database/connection"),
        ("[DEFAULT]\nsql_connection = x", "database/connection"),
        ("[database]\nidle_timeout = x", "database/connection_recycle_time"),
        ("[lvm1]\niscsi_helper = x", "lvm1/target_helper"),
        ("[backend_defaults]\niscsi_ip_address = x", "backend_defaults/target_ip_address"),
        ("[keystone_authtoken]\nadmin_user = x", "keystone_authtoken/username"),
        ("[keystone_authtoken]\nadmin_password = x", "keystone_authtoken/password"),
        ("[keystone_authtoken]\nadmin_tenant_name = x", "keystone_authtoken/project_name"),
        ("[DEFAULT]\nrabbit_use_ssl = x", "oslo_messaging_rabbit/ssl"),
    ],
)
def test_an_old_name_is_read_as_the_new_one(old: str, new: str) -> None:
    """H8: the value arrives, and the notice names line and successor."""
    values, ((line, message),) = translated(old)
    assert values == {new: "x"}
    section, name = new.split("/")
    assert (line, f"[{section}] {name}" in message) == (2, True)


def test_a_new_name_beats_the_old_one() -> None:
    """The notice says that the old one has no effect, and where the new one stands."""
    values, notices = translated("[database]\nsql_connection = old\nconnection = new")
    assert values == {"database/connection": "new"}
    assert notices == [
        (2, "sql_connection is an old name and has no effect: [database] connection is set at f:3"),
    ]


def test_verbose_has_no_effect() -> None:
    """A011: it is accepted with a notice."""
    values, notices = translated("[DEFAULT]\nverbose = True")
    assert values == {}
    assert notices[0][1].startswith("verbose has no effect any more")


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ("rabbit_host = r", "rabbit://guest:guest@r:5672/"),
        ("rabbit_password = a@b/c:d\nrabbit_virtual_host = v/w", "rabbit://guest:a%40b%2Fc%3Ad@127.0.0.1:5672/v%2Fw"),
        ("rabbit_hosts = a, b:5673\nrabbit_port = 5671", "rabbit://guest:guest@a:5671,guest:guest@b:5673/"),
        ("rabbit_host = fd00::1", "rabbit://guest:guest@[fd00::1]:5672/"),
    ],
)
def test_rabbit_options_become_one_url(options: str, url: str) -> None:
    """A016 to A020: parts that are not given have the defaults of their time."""
    values, notices = translated(f"[DEFAULT]\n{options}")
    assert values == {"DEFAULT/transport_url": url}
    assert len(notices) == len(options.splitlines())


def test_a_transport_url_beats_rabbit_options() -> None:
    """The broker that is named as today counts."""
    values, notices = translated("[DEFAULT]\ntransport_url = rabbit://new\n[oslo_messaging_rabbit]\nrabbit_host = old")
    assert values == {"DEFAULT/transport_url": "rabbit://new"}
    assert "has no effect: [DEFAULT] transport_url is set at f:2" in notices[0][1]


def test_auth_options_become_one_url() -> None:
    """A029 to A031: host, port and protocol make auth_url."""
    values, notices = translated(
        "[keystone_authtoken]\nauth_host = controller\nauth_port = 35357\nauth_protocol = http"
    )
    assert values == {"keystone_authtoken/auth_url": "http://controller:35357/"}
    assert [line for line, _ in notices] == [2, 3, 4]


@pytest.mark.parametrize(
    "line",
    [
        "volume_driver = cinder.volume.drivers.lvm.LVMISCSIDriver",
        "backup_driver = cinder.backup.drivers.swift",
    ],
)
def test_driver_paths_pass_unchanged(line: str) -> None:
    """H8, H9: which plug-in a path means is known where plug-ins are found."""
    name, value = line.split(" = ")
    assert translated(f"[a]\n{line}") == ({f"a/{name}": value}, [])
