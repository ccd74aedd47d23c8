"""A configuration on free ports, and programs that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lapilli.cmd.main import main
from tests.servers.process import free_port
from tests.unit.cmd.programs import Program, end_daemon

Start = Callable[..., Program]


@pytest.fixture
def api_port() -> int:
    return free_port()


@pytest.fixture
def config(tmp_path: Path, api_port: int) -> Iterator[Path]:
    """A cinder.conf with one backend, its database up to date."""
    path, portal = tmp_path / "cinder.conf", free_port()
    path.write_text(
        f"""
[DEFAULT]
host = node
state_path = {tmp_path}/state
auth_strategy = noauth
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {api_port}
osapi_volume_workers = 2
enabled_backends = one

[database]
connection = sqlite:///{tmp_path}/cinder.sqlite

[one]
volume_driver = directory
directory_path = {tmp_path}/volumes
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {portal}
tgt_control_port = {portal}
"""
    )
    call("manage", "--config", str(path), "db", "sync")
    yield path
    end_daemon(tmp_path / "state" / "tgt" / "tgtd.pid")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `lapilli …`; whatever still runs at the end of the test is killed."""
    programs: list[Program] = []

    def start_one(*words: str) -> Program:
        programs.append(Program(tmp_path / f"program{len(programs)}.log", *words))
        return programs[-1]

    yield start_one
    for program in programs:
        if program.process.poll() is None:
            program.kill()


def call(*words: str) -> int:
    """Run a command in this process, and return its exit status."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)
