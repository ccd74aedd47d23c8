"""`lapilli demo`: from nothing to bytes that were written and read over iSCSI, with the clients that everybody has."""

import contextlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from lapilli.cmd import qemu
from lapilli.cmd.arguments import split_listen
from lapilli.cmd.demo_clients import Clients
from lapilli.cmd.demo_walk import walk
from lapilli.model.errors import Unavailable

_STARTS_WITHIN_S: Final = 60
_LAPILLI: Final = (sys.executable, "-c", "from lapilli.cmd.main import main; main()")


@click.command("demo")
@click.option("--listen", metavar="HOST:PORT", help="Where the API of the demo listens.  [default: a free port]")
@click.option("--size", "size_mib", type=click.IntRange(1, 1024), default=64, show_default=True, metavar="MIB")
def demo(listen: str | None, size_mib: int) -> None:
    """Show the whole service at work, on this machine, in a minute or two.

    Starts `lapilli up` in a temporary directory, drives it with the unmodified clients, writes MIB random MiB to a
    volume over iSCSI and reads them back: from it, from its clone, and from its snapshot. Exit 1 if a byte differs.
    """
    listen = listen or f"127.0.0.1:{_free_ports()}"
    split_listen(listen)
    clients = Clients(f"http://{listen}/v3/demo")
    qemu.check()
    started = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="lapilli-demo-"))
    with _running(listen, place):
        walk(clients, place, size_mib)
    shutil.rmtree(place)
    click.echo(f"Everything read is what was written. {time.monotonic() - started:.1f} s, and nothing is left behind.")


@contextmanager
def _running(listen: str, place: Path) -> Iterator[None]:
    """`lapilli up` in the directory `place`, which stays when something goes wrong."""
    log = place / "lapilli.log"
    with log.open("wb") as file:
        argv = [*_LAPILLI, "up", "--listen", listen, "--data", str(place / "data")]
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        _wait_for(listen, process, log)
        yield
    except BaseException:
        click.echo(f"The data and the log of the demo stay in {place}.", err=True)
        raise
    finally:
        process.terminate()
        process.wait()


def _wait_for(listen: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(split_listen(listen), 1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            last = (log.read_text(errors="replace").strip().splitlines() or ["It said nothing."])[-1]
            raise Unavailable(f"`lapilli up` does not start: {last}")
        time.sleep(0.05)


def _free_ports() -> int:
    """A port P of this machine where P, for the API, and P + 1, for the iSCSI portal, are free."""
    while True:
        # Below the range that the kernel takes source ports from.
        port = random.randint(12000, 30000)  # noqa: S311 - nobody gains by guessing it
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", port))
            two.bind(("127.0.0.1", port + 1))
            return port
