"""`lapilli api` under granian: workers, signals, ports and certificates."""

import os
import shutil
import signal
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.unit.cmd.conftest import Start, call
from tests.unit.cmd.programs import children, get, lives


def test_two_workers_answer_and_sigterm_ends_them(start: Start, config: Path, api_port: int) -> None:
    """Every worker has its own database; the end is clean."""
    api = start("api", "--config-file", str(config))
    api.wait_until(lambda: get(api_port, "/v3/demo/volumes")[0] == 200)
    workers = children(api.process.pid)
    assert len(workers) == 2
    assert all(get(api_port, "/v3/demo/volumes") == (200, b'{"volumes":[]}') for _ in range(10))
    assert api.end() == 0
    assert not any(lives(worker) for worker in workers)
    assert "Traceback" not in api.said


def test_its_port_is_not_shared_with_a_second_api(start: Start, config: Path, api_port: int) -> None:
    """granian's workers share a port among themselves, but not with those of another start."""
    api = start("api", "--config", str(config))
    api.wait_until(lambda: get(api_port, "/v3/")[0] == 200)
    second = start("api", "--config", str(config))
    assert second.process.wait(20) == 1
    assert f"Cannot listen on 127.0.0.1:{api_port}: Address already in use" in second.said


def test_workers_die_with_their_main_process(start: Start, config: Path, api_port: int) -> None:
    """After kill -9 nobody of the old ones answers beside the new ones."""
    first = start("api", "--config", str(config))
    first.wait_until(lambda: get(api_port, "/v3/")[0] == 200)
    workers = children(first.process.pid)
    first.kill()
    again = start("api", "--config", str(config))
    again.wait_until(lambda: get(api_port, "/v3/demo/volumes")[0] == 200)
    assert not any(lives(worker) for worker in workers)


def test_a_reload_with_mistakes_keeps_the_old_workers(start: Start, config: Path, api_port: int) -> None:
    """A typing error does not take the API down."""
    api = start("api", "--config", str(config))
    api.wait_until(lambda: get(api_port, "/v3/")[0] == 200)
    workers = children(api.process.pid)
    config.write_text(config.read_text().replace("noauth", "nobody"))
    os.kill(api.process.pid, signal.SIGHUP)
    api.wait_for("the old settings stay")
    assert children(api.process.pid) == workers
    assert get(api_port, "/v3/demo/volumes")[0] == 200


def test_a_reload_reads_the_settings_anew(start: Start, config: Path, api_port: int) -> None:
    """New workers take over, and there is an answer at every moment."""
    config.write_text(config.read_text().replace("volume_workers = 2", "volume_workers = 1"))
    api = start("api", "--config", str(config))
    api.wait_until(lambda: get(api_port, "/v3/")[0] == 200)
    endpoint = "public_endpoint = http://new.example.org"
    config.write_text(config.read_text().replace("[DEFAULT]", f"[DEFAULT]\n{endpoint}"))
    os.kill(api.process.pid, signal.SIGHUP)
    answers = set()

    def is_new() -> bool:
        status, body = get(api_port, "/v3/")
        answers.add(status)
        return b"new.example.org" in body

    api.wait_until(is_new)
    assert answers == {200}


def test_noauth_is_not_for_the_network(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody opens a service to the world by a default address."""
    config.write_text(config.read_text().replace("osapi_volume_listen = 127.0.0.1", "osapi_volume_listen = 0.0.0.0"))
    assert call("api", "--config", str(config)) == 1
    assert "lets everybody in who reaches 0.0.0.0" in capsys.readouterr().err


def test_an_old_schema_is_told_with_the_remedy(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The database is brought up to date by the operator, not by whoever starts first."""
    (config.parent / "cinder.sqlite").unlink()
    assert call("api", "--config", str(config)) == 1
    assert "lapilli manage db sync" in capsys.readouterr().err


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/cert.pem"]
    subprocess.run(argv, check=True, capture_output=True)
    return tmp_path / "cert.pem"


def use_tls(config: Path, key: Path, certificate: Path) -> None:
    text = config.read_text().replace("[DEFAULT]", "[DEFAULT]\nosapi_volume_use_ssl = true")
    config.write_text(f"{text}\n[ssl]\ncert_file = {certificate}\nkey_file = {key}\n")


def test_https(start: Start, config: Path, api_port: int, certificate: Path) -> None:
    """osapi_volume_use_ssl serves HTTPS with the files of [ssl]."""
    use_tls(config, certificate.with_name("key.pem"), certificate)
    api = start("api", "--config", str(config))
    api.wait_for("https://127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(certificate))
    url = f"https://127.0.0.1:{api_port}/v3/demo/volumes"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, context=trusting) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    api.wait_until(answers)


def test_a_key_of_another_form_is_refused_with_the_remedy(
    config: Path, certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """granian reads PKCS #8 alone; a worker would only say that it crashed."""
    old = certificate.with_name("old.pem")
    key = str(certificate.with_name("key.pem"))
    subprocess.run(["openssl", "rsa", "-traditional", "-in", key, "-out", str(old)], check=True, capture_output=True)
    use_tls(config, old, certificate)
    assert call("api", "--config", str(config)) == 1
    assert "openssl pkcs8 -topk8 -nocrypt" in capsys.readouterr().err
