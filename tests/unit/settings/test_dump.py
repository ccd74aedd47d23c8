"""The effective settings are printed with their origins and without their secrets."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from lapilli.model.options import option
from lapilli.model.secrets import is_secret
from lapilli.settings.core import CoreSettings, LogSettings
from lapilli.settings.database import DatabaseSettings
from lapilli.settings.dump import dump
from lapilli.settings.secrets import masked
from lapilli.settings.settings import load

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class BusSettings:
    transport_url: str = option("", help="", secret=True)


@dataclass(frozen=True)
class ArraySettings:
    pure_api_token: str = option("", help="")
    san_login: str = option("", help="", secret=True)
    replication_device: tuple[dict[str, str], ...] = option((), help="")


def test_the_first_seed_is_printed_without_its_passwords() -> None:
    """A017, A021: the URLs are whole but for the passwords, and each line has its origin."""
    path = DATA / "two_lvm_backends.conf"
    settings = load(path)
    settings.bind(LogSettings)
    settings.bind(BusSettings)
    settings.bind(DatabaseSettings, section="database")
    lines = list(dump(settings.effective()))
    assert f"DEFAULT.debug = true  # {path}:2" in lines
    assert f"DEFAULT.enabled_backends = lvm1,lvm2  # {path}:7" in lines
    assert f"DEFAULT.transport_url = rabbit://guest:***@caldara01:5672/  # {path}:9" in lines
    assert f"database.connection = mysql://cinder:***@controller/cinder  # {path}:16" in lines
    assert "database.max_pool_size = 5  # default" in lines
    assert "caldera123" not in "\n".join(lines)


def test_secrets_are_masked_wherever_they_stand() -> None:
    """By declaration, by name, and inside the pairs of a device; an empty secret is shown as empty."""
    overrides = {
        "a.san_login": "hidden1",
        "a.replication_device": "san_ip:10.0.0.1,api_token:hidden2",
        "b.pure_api_token": "hidden3",
    }
    settings = load(None, overrides)
    for name in ("a", "b"):
        settings.backend(name, ArraySettings)
    lines = [line for line in dump(settings.effective()) if not line.startswith("DEFAULT.")]
    assert lines == [
        "a.pure_api_token =   # default",
        'a.replication_device = {"san_ip": "10.0.0.1", "api_token": "***"}  # command line',
        "a.san_login = ***  # command line",
        "b.pure_api_token = ***  # command line",
        "b.replication_device =   # default",
        "b.san_login =   # default",
    ]


def test_a_dump_can_be_repeated() -> None:
    """B021: the same file gives the same lines."""
    path = DATA / "three_arrays.conf"
    first, second = load(path), load(path)
    first.bind(CoreSettings)
    second.bind(CoreSettings)
    second.bind(CoreSettings)
    assert list(dump(first.effective())) == list(dump(second.effective()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mysql://u:p@ss/w@h/db", "mysql://u:***@h/db"),
        ("redis://:secret@h", "redis://:***@h"),
        ("http://h:80/a", "http://h:80/a"),
        ("mysql+pymysql://u@h/db", "mysql+pymysql://u@h/db"),
    ],
)
def test_passwords_of_urls_are_masked(text: str, shown: str) -> None:
    """What is not a password stays readable."""
    assert masked(text) == shown


def test_secrets_are_known_by_name() -> None:
    """Names that end in a secret's word, and not those that only mention one."""
    assert all(map(is_secret, ["admin_password", "pure_api_token", "backup_swift_key", "chap_password"]))
    assert not any(map(is_secret, ["rbd_secret_uuid", "token_cache_time", "key_file", "volume_group"]))
