"""`lapilli demo`: from nothing to bytes that were written and read over iSCSI, with the clients that everybody has."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lapilli.cmd.arguments import split_listen
from lapilli.cmd.demo import walk, walk_kernel
from lapilli.cmd.demo.clients import Clients
from lapilli.cmd.demo.instance import Instance, free_address
from lapilli.host import qemu


@click.command("demo")
@click.option("--listen", metavar="HOST:PORT", help="Where the API of the demo listens.  [default: a free port]")
@click.option("--size", "size_mib", type=click.IntRange(1, 256), default=64, show_default=True, metavar="MIB")
@click.option("--kernel", is_flag=True, help="LVM, LIO and this kernel's initiator: a real /dev/sdX. Needs root.")
def demo(listen: str | None, size_mib: int, *, kernel: bool) -> None:
    """Show the whole service at work, on this machine, in a minute or two.

    Starts `lapilli up` in a temporary directory, drives it with the unmodified clients, writes MIB random MiB to a
    volume over iSCSI and reads them back: from it, from its clone, and from its snapshot. Exit 1 if a byte differs.

    With --kernel the volumes are in LVM, exported by LIO and attached to this machine; the storage node is cut off in
    the middle of it, and comes back. Every step is timed.
    """
    listen = listen or free_address()
    split_listen(listen)
    clients = Clients(f"http://{listen}/v3/demo")
    (walk_kernel if kernel else qemu).check()
    started = time.monotonic()
    with _place() as place:
        if kernel:
            walk_kernel.walk(clients, Instance(listen, place), size_mib)
        else:
            with _running(Instance(listen, place)):
                walk.walk(clients, place, size_mib)
    click.echo(f"Everything read is what was written. {time.monotonic() - started:.1f} s, and nothing is left behind.")


@contextmanager
def _place() -> Iterator[Path]:
    """A directory that stays when something goes wrong."""
    place = Path(tempfile.mkdtemp(prefix="lapilli-demo-"))
    try:
        yield place
    except BaseException:
        click.echo(f"The data and the log of the demo stay in {place}.", err=True)
        raise
    shutil.rmtree(place)


@contextmanager
def _running(instance: Instance) -> Iterator[None]:
    try:
        instance.start()
        yield
    finally:
        instance.end()
