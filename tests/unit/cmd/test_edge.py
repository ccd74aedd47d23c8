"""The API as the settings make it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import pytest

from lapilli.cmd import edge
from lapilli.cmd.process import read_settings
from lapilli.model.values import FIXED_KEY_ID
from lapilli.wsgi import open_api
from tests.unit.cmd.conftest import call

Ask = Callable[..., str]


@pytest.fixture
def ask(config: Path) -> Ask:
    """The status that an API with further settings answers a request with."""

    def ask(more: str, path: str, method: str = "GET", **environ: object) -> str:
        config.write_text(config.read_text() + more)
        process, application = open_api(config)
        statuses: list[str] = []
        asked = {"REQUEST_METHOD": method, "PATH_INFO": path, **environ}
        setup_testing_defaults(asked)
        with closing(process):
            b"".join(application(asked, lambda status, _headers: statuses.append(status)))
        return statuses[0]

    return ask


def test_health_by_a_file(ask: Ask, tmp_path: Path) -> None:
    """`[healthcheck] disable_by_file_path` names the switch."""
    (tmp_path / "off").touch()
    assert ask(f"\n[healthcheck]\ndisable_by_file_path = {tmp_path}/off\n", "/healthcheck").startswith("503 ")


def test_largest_body(ask: Ask) -> None:
    """`[oslo_middleware] max_request_body_size` counts."""
    large = {"CONTENT_LENGTH": "101", "CONTENT_TYPE": "application/json"}
    status = ask("\n[oslo_middleware]\nmax_request_body_size = 100\n", "/v3/volumes", "POST", **large)
    assert status.startswith("413 ")


def test_nova_without_keystone(ask: Ask) -> None:
    """A [nova] that can be logged in to is used whatever the identity; its mistakes are told at the start."""
    assert ask("\n[nova]\nauth_url = http://127.0.0.1:1\n", "/healthcheck") == "200 OK"


def test_a_wrong_project_id_regex(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is found before the start, with its line."""
    config.write_text(config.read_text().replace("[DEFAULT]", "[DEFAULT]\nproject_id_regex = [a"))
    assert call("config", "check", str(config)) == 1
    assert f"error: {config}:3: project_id_regex = [a is no regular expression" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "key_id"),
    [
        ("", None),
        ("[key_manager]\nfixed_key = 00ff\n", None),
        ("[key_manager]\nbackend = cinder.keymgr.conf_key_mgr.ConfKeyManager\n", None),
        ("[key_manager]\nbackend = cinder.keymgr.conf_key_mgr.ConfKeyManager\nfixed_key = 00ff\n", FIXED_KEY_ID),
        ("[key_manager]\napi_class = cinder.keymgr.conf_key_mgr.ConfKeyManager\nfixed_key = 00ff\n", FIXED_KEY_ID),
    ],
)
def test_key_manager(config: Path, more: str, key_id: str | None) -> None:
    """Cinder's ConfKeyManager with its one key is known, under its older option too."""
    config.write_text(f"{config.read_text()}\n{more}")
    assert edge.rules(read_settings(config)).encryption_key_id == key_id
