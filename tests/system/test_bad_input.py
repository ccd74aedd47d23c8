"""What goes wrong around a running service: storage that is full, read-only or too small, a database that goes, a bad file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.machine.run import run
from tests.mounts import tmpfs
from tests.servers import PostgreSql
from tests.system.service import Answer, Service, served, until

_CONFIG = """[DEFAULT]
host = node
report_interval = 1
backend_stats_polling_interval = 3
[directory]
max_over_subscription_ratio = 1000
"""
_MIB = 1024**2


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Service]:
    """A service whose volumes lie on a file system of 8 MiB, mounted at its `volumes`."""
    volumes = tmp_path / "data" / "volumes"
    volumes.mkdir(parents=True)
    with tmpfs(volumes, "size=8m"), served(tmp_path, _CONFIG) as one:
        yield one


def _gone(service: Service, kind: str, id: str) -> None:
    service.ask("DELETE", f"/{kind}s/{id}")
    until(lambda: service.send("GET", f"/{kind}s/{id}").status == 404, service.said)


def test_full_pool(tmp_path: Path) -> None:
    """A volume that no pool can take is in error, with the reason at hand; one that fits is made afterwards."""
    config = "[DEFAULT]\nhost = node\n[directory]\ndirectory_size_gib = 2\n"
    with served(tmp_path, config) as service:
        service.volume()
        large = service.ask("POST", "/volumes", {"volume": {"size": 2}})["volume"]["id"]
        service.settled("volume", large, "error")
        assert "does not fit" in service.explain(large)
        assert not (service.data / "volumes" / f"volume-{large}").exists()
        service.volume()
        _gone(service, "volume", large)
        service.settle()


def test_full_file_system(small: Service) -> None:
    """A copy that the file system has no room for leaves nothing, and is made when there is room."""
    volume = small.volume()
    with (small.data / "volumes" / f"volume-{volume}").open("r+b") as file:
        file.write(b"x" * 5 * _MIB)
    snapshot = small.ask("POST", "/snapshots", {"snapshot": {"volume_id": volume}})["snapshot"]["id"]
    small.settled("snapshot", snapshot, "error")
    assert "space" in small.said()
    names = {path.name for path in (small.data / "volumes").iterdir()}
    assert names == {".lapilli-pool", f"volume-{volume}"}
    small.settled("volume", volume)
    _gone(small, "snapshot", snapshot)
    run(["mount", "-o", "remount,size=16m", str(small.data / "volumes")])
    again = small.ask("POST", "/snapshots", {"snapshot": {"volume_id": volume}})["snapshot"]["id"]
    small.settled("snapshot", again)
    small.settle()


def test_read_only_file_system(small: Service) -> None:
    """While nothing can be written new volumes are in error, and what is there is neither lost nor half deleted."""
    volume = small.volume()
    run(["mount", "-o", "remount,ro", str(small.data / "volumes")])
    refused = small.ask("POST", "/volumes", {"volume": {"size": 1}})["volume"]["id"]
    small.settled("volume", refused, "error")
    small.settled("volume", volume)
    run(["mount", "-o", "remount,rw", str(small.data / "volumes")])
    _gone(small, "volume", refused)
    until(lambda: _backend_state(small) == "up", small.said)
    small.volume()
    _gone(small, "volume", volume)
    small.settle()


def _backend_state(service: Service) -> str:
    services = service.ask("GET", "/os-services?binary=cinder-volume")["services"]
    return str(services[0]["backend_state"])


def test_database_goes_and_comes_back(tmp_path: Path, postgresql: PostgreSql, postgresql_url: str) -> None:
    """While the database is away everything is put off with 503; afterwards all is there, and work goes on."""
    config = f"{_CONFIG}[database]\nconnection = {postgresql_url}\n"
    with served(tmp_path, config) as service:
        volume = service.volume(name="before")
        accepted = service.ask("POST", "/volumes", {"volume": {"size": 1}})["volume"]["id"]
        postgresql.kill()
        try:
            for answer in (
                service.send("GET", f"/volumes/{volume}"),
                service.send("POST", "/volumes", {"volume": {"size": 1}}),
                service.send("DELETE", f"/volumes/{volume}"),
            ):
                assert _is_put_off(answer), answer
        finally:
            postgresql.start()
        for id in (volume, accepted):
            service.settled("volume", id)
        service.volume(name="after")
        _gone(service, "volume", volume)
        assert len(service.ask("GET", "/volumes")["volumes"]) == 2


def _is_put_off(answer: Answer) -> bool:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status == 503 and int(headers["retry-after"]) > 0 and "database" in answer.message


def test_ten_mistakes(tmp_path: Path) -> None:
    """A file with ten mistakes is refused with all of them, each with its line, before anything is started."""
    lines = {
        "osapi_max_limit = many": "osapi_max_limit",
        "report_interval = soon": "report_interval",
        "quota_volumes = -7": "quota_volumes",
        "auth_strategy = magic": "auth_strategy",
        "osapi_volume_listen_port = 99999": "osapi_volume_listen_port",
        "backend_stats_polling_interval = 0": "backend_stats_polling_interval",
        "[database]\nmax_pool_size = some": "max_pool_size",
        "[directory]\ndirectory_size_gib = -1": "directory_size_gib",
        "target_port = 0": "target_port",
        "reserved_percentage = 101": "reserved_percentage",
    }
    service = Service(tmp_path, "[DEFAULT]\n" + "\n".join(lines) + "\n")
    service.spawn()
    assert service.wait() == 1
    said = service.said()
    text = (tmp_path / "lapilli.conf").read_text().splitlines()
    for number, line in enumerate(text, 1):
        name = line.partition(" = ")[0]
        if not line.startswith("[") and name != "osapi_volume_listen_port":  # the command line says it better
            assert f"lapilli.conf:{number}: {name}" in said, said
    assert not (service.data / "lapilli.sqlite").exists()
