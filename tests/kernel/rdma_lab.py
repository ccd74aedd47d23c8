"""RDMA in software, for tests: a network device that leads nowhere but here, with RoCE on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.kernel.machine import run

ADDRESS = "198.51.100.1"
_LINK = "rdma-net"


@contextmanager
def rdma() -> Iterator[None]:
    """Meanwhile there is RDMA at `ADDRESS`."""
    run("ip", "link", "add", _LINK, "type", "dummy")
    try:
        run("ip", "address", "add", f"{ADDRESS}/24", "dev", _LINK)
        run("ip", "link", "set", _LINK, "up")
        run("rdma", "link", "add", "rxe0", "type", "rxe", "netdev", _LINK)
        yield
    finally:
        run("ip", "link", "delete", _LINK)
