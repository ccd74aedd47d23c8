"""A thin pool that is full, or nearly so: what still works, what is refused, and how it goes on."""

import errno
import fcntl
import os
import re
import struct
from pathlib import Path

import pytest

from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.machine.lvm import reports
from lapilli.model.errors import BackendFailed
from lapilli.scheduler.capacity import why_closed
from tests.kernel.lvm_lab import MIB, driver_of, read, thin, write
from tests.kernel.machine import run

_TARGET_MESSAGE = 0xC138FD0E  # <linux/dm-ioctl.h>: DM_TARGET_MSG


def make_pool(group: str, size: str, *arguments: str) -> LvmDriver:
    """A driver on a pool of this size."""
    run("lvcreate", "--yes", "--type", "thin-pool", "--size", size, *arguments, "--name", f"{group}-pool", group)
    return thin(group)


def closed(driver: LvmDriver, reserved_percentage: int = 0) -> str | None:
    """Why the scheduler places nothing more in the driver's pool."""
    (report,) = driver.report()
    return why_closed(report.total_gib, report.free_gib, reserved_percentage, report.capabilities)


def fill_metadata(group: str, first: int, count: int) -> None:
    """Make thin devices that LVM knows nothing of, each of which takes a block of the pool's metadata."""
    for number in range(first, first + count):
        message = struct.pack("Q", 0) + f"create_thin {number}".encode() + b"\0"
        name = f"{group}-{group}--pool-tpool".encode()
        head = struct.pack("3IIIIiIIIQ128s129s7s", 4, 0, 0, 312 + len(message), 312, 0, 0, 0, 0, 0, 0, name, b"", b"")
        with Path("/dev/mapper/control").open("rb") as control:
            fcntl.ioctl(control, _TARGET_MESSAGE, bytearray(head + message))


def test_placements_stop_at_the_reserve(group: str) -> None:
    """What is written counts, not what is promised; the reason says how much is left."""
    driver = make_pool(group, "4g", "--chunksize", "16m", "--zero", "n")
    driver.create_volume("volume-a", 4, "here")
    assert closed(driver, 50) is None
    for number in range(128):
        write(driver.path("volume-a"), number * 16 * MIB, b"x" * 4096)
    assert closed(driver, 50) == "2 of 4 GiB are unwritten, and 2 GiB are reserved"


def test_a_pool_without_room_for_data(group: str) -> None:
    """What takes no room is made still; a write beyond it fails, and nothing that was written is lost."""
    driver = make_pool(group, "128m")
    run("lvchange", "--errorwhenfull", "y", f"{group}/{group}-pool")
    driver.create_volume("volume-a", 1, "here")
    write(driver.path("volume-a"), 0, b"kept" * (32 * MIB))
    assert closed(driver) == "0 of 0.125 GiB are unwritten, and 0 GiB are reserved"
    driver.create_volume("volume-b", 1, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    driver.extend_volume("volume-a", 2)
    with pytest.raises(OSError) as failed:  # noqa: PT011 - which of the two it is, the kernel's cache says
        write(driver.path("volume-b"), 0, b"lost" * MIB)
    assert failed.value.errno in {errno.EIO, errno.ENOSPC}
    with pytest.raises(BackendFailed):
        driver.receive("volume-b", driver.path("snapshot-a"), lambda: None)
    assert read(driver.path("volume-a"), 127 * MIB, 4) == read(driver.path("snapshot-a"), 0, 4) == b"kept"
    driver.check()
    run("lvextend", "--size", "+64m", f"{group}/{group}-pool")
    assert closed(driver) is None
    write(driver.path("volume-b"), 0, b"room" * MIB)
    driver.delete_volume("volume-b")
    driver.delete_volume("volume-a")
    driver.delete_snapshot("snapshot-a", "volume-a")
    assert driver.report()[0].free_gib == driver.report()[0].total_gib


def test_a_pool_without_room_for_metadata(group: str) -> None:
    """At 90 % nothing new is made, at 100 % nothing is written; the message says what gives it room."""
    driver = make_pool(group, "128m", "--poolmetadatasize", "4m")
    driver.create_volume("volume-a", 1, "here")
    write(driver.path("volume-a"), 0, b"kept")
    assert closed(driver) is None
    fill_metadata(group, 100000, 810)
    assert re.fullmatch(r"its metadata is 9\d[.\d]* % full, and may be 90 %", closed(driver) or "")
    with pytest.raises(BackendFailed, match="nearly full, its data or its metadata"):
        driver.create_volume("volume-b", 1, "here")
    with pytest.raises(BackendFailed, match="lvextend --poolmetadatasize"):
        driver.create_snapshot("snapshot-a", "volume-a")
    with pytest.raises(OSError, match="not supported"):
        fill_metadata(group, 200000, 1000)
    assert reports.read_volumes(group)[f"{group}-pool"].health == "metadata_read_only"
    with pytest.raises(OSError, match="error"):
        write(driver.path("volume-a"), 500 * MIB, os.urandom(MIB))
    assert read(driver.path("volume-a"), 0, 4) == b"kept"
    with pytest.raises(BackendFailed, match="metadata is full or damaged") as broken:
        driver_of(group, lvm_type="thin").check()
    run(*re.findall(r"`(lvextend [^`]*)`", str(broken.value))[0].split())
    thin(group).create_snapshot("snapshot-a", "volume-a")
    write(driver.path("volume-a"), 500 * MIB, b"goes on")
    assert closed(driver) is None
