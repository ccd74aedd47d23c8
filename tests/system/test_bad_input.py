"""What goes wrong around a running service: storage that is full or read-only, a database that goes, a bad file."""

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
        service.volume(name="first")
        large = service.ask("POST", "/volumes", {"volume": {"size": 2, "name": "large"}})["volume"]["id"]
        service.settled("volume", large, "error")
        assert "does not fit" in service.manage("explain", large)
        assert not (service.data / "volumes" / f"volume-{large}").exists()
        service.volume(name="second")
        _gone(service, "volume", large)
        service.settle()


def test_full_file_system(small: Service) -> None:
    """A copy that the file system has no room for leaves nothing, and is made when there is room."""
    origin = small.volume(name="origin")
    with (small.data / "volumes" / f"volume-{origin}").open("r+b") as file:
        file.write(b"x" * 5 * _MIB)
    wish = {"volume": {"size": 1, "source_volid": origin, "name": "copy"}}
    copy = small.ask("POST", "/volumes", wish)["volume"]["id"]
    small.settled("volume", copy, "error")
    assert "A copy needs 5 MiB" in small.manage("operations", "list", "--all", "--subject", copy)
    names = {path.name for path in (small.data / "volumes").iterdir()}
    assert names == {".lapilli-pool", f"volume-{origin}"}
    small.settled("volume", origin)
    _gone(small, "volume", copy)
    run(["mount", "-o", "remount,size=16m", str(small.data / "volumes")])
    small.settled("volume", small.ask("POST", "/volumes", wish)["volume"]["id"])
    small.settle()


def test_read_only_file_system(small: Service) -> None:
    """While nothing can be written a new volume waits, and an operator sees why; it is made when that is over."""
    volume = small.volume(name="old")
    run(["mount", "-o", "remount,ro", str(small.data / "volumes")])
    waiting = small.ask("POST", "/volumes", {"volume": {"size": 1, "name": "new"}})["volume"]["id"]
    until(lambda: _backend_state(small) == "down", small.said)
    assert "Read-only file system" in small.manage("operations", "list", "--subject", waiting)
    small.settled("volume", volume)
    run(["mount", "-o", "remount,rw", str(small.data / "volumes")])
    until(lambda: _backend_state(small) == "up", small.said)
    small.settled("volume", waiting)
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
        for each in (volume, accepted):
            service.settled("volume", each)
        service.volume(name="after")
        _gone(service, "volume", volume)
        assert len(service.ask("GET", "/volumes")["volumes"]) == 2


def _is_put_off(answer: Answer) -> bool:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status == 503 and int(headers["retry-after"]) > 0 and "database" in answer.message


def test_ten_mistakes(tmp_path: Path) -> None:
    """A file with ten mistakes is refused with all of them, each with its line, before anything is started."""
    lines = (
        "osapi_max_limit = many",
        "report_interval = soon",
        "quota_volumes = -7",
        "auth_strategy = magic",
        "osapi_volume_workers = none",
        "backend_stats_polling_interval = 0",
        "[database]",
        "max_pool_size = some",
        "[directory]",
        "directory_size_gib = -1",
        "target_port = 0",
        "reserved_percentage = 101",
    )
    service = Service(tmp_path, "\n".join(["[DEFAULT]", *lines, ""]))
    service.spawn()
    assert service.wait() == 1
    said = service.said()
    for number, line in enumerate(lines, 2):
        name = line.partition(" = ")[0]
        if not line.startswith("["):
            assert f"lapilli.conf:{number}: {name}" in said, said
    assert not (service.data / "lapilli.sqlite").exists()
