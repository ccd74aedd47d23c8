"""What root may do, as far as this process and its programs shall have it."""

import ctypes
import os
from collections.abc import Collection
from typing import Final

from lapilli.model.errors import Unavailable

# The numbers of linux/capability.h and linux/prctl.h, which never change.
CAPABILITIES: Final = {
    "chown": 0,
    "dac_override": 1,
    "dac_read_search": 2,
    "fowner": 3,
    "net_admin": 12,
    "ipc_lock": 14,
    "sys_module": 16,
    "sys_rawio": 17,
    "sys_admin": 21,
    "sys_nice": 23,
    "sys_resource": 24,
    "mknod": 27,
}
_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_VERSION_3: Final = 0x20080522
_LAST: Final = 63


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Half(ctypes.Structure):
    """32 capabilities as bits: those that count, those that may count, and those that programs inherit."""

    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def keep_only(names: Collection[str]) -> None:
    """Give up all capabilities but these, for good, for this thread and all that it starts; call it before any other.

    Programs with the set-user-id bit gain nothing from it any more. What is not there is not missed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    kept = {CAPABILITIES[name] for name in names}
    for number in range(_LAST + 1):
        if number not in kept and libc.prctl(_PR_CAPBSET_READ, number, 0, 0, 0) == 1:
            _check(libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0))
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    header, halves = _Header(_VERSION_3, 0), (_Half * 2)()
    _check(libc.capget(ctypes.byref(header), halves))
    for which, half in enumerate(halves):
        bits = sum(1 << number - 32 * which for number in kept if number // 32 == which)
        half.effective &= bits
        half.permitted &= bits
        half.inheritable = 0
    _check(libc.capset(ctypes.byref(header), halves))


def _check(status: int) -> None:
    if status != 0:
        reason = os.strerror(ctypes.get_errno())
        raise Unavailable(f"The helper cannot give up what it does not need: {reason}")
