"""What a file of an image really is. Its own word is not enough: a header may name other files of this machine.

See CVE-2024-32498: a qcow2 or a VMDK whose header points to a path gives that path's bytes to whoever made the image.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

from lapilli.model.errors import Malformed

# Bytes that are taken as they are, whatever they are for those who boot from them: a disk with partitions, say.
_PLAIN: Final = frozenset({"raw", "gpt", "iso", "luks"})
_PLAIN_NAMES: Final = frozenset({"raw", "iso", "ami", "ari", "aki"})
# As QEMU calls what Glance calls so.
_QEMU_NAMES: Final = {"vhd": "vpc", "ploop": "parallels"}
# oslo.utils has no inspector for these, so nothing else may be found in them.
_NOT_INSPECTED: Final = frozenset({"ploop"})


class Inspects(Protocol):
    """An iterator over chunks that looks at what passes."""

    def __iter__(self) -> Iterator[bytes]: ...

    @property
    def formats(self) -> list[Any] | None: ...


def is_plain(disk_format: str) -> bool:
    """Whether the bytes of such an image are those of its disk."""
    return disk_format in _PLAIN_NAMES


def qemu_name(disk_format: str) -> str:
    """What QEMU calls the format."""
    return _QEMU_NAMES.get(disk_format, disk_format)


def inspected(chunks: Iterable[bytes]) -> Inspects:
    """The same chunks, looked at while they pass; `check` wants it when the last has passed."""
    # It takes a moment to load, and most processes never see an image.
    from oslo_utils.imageutils.format_inspector import InspectWrapper  # noqa: PLC0415

    wrapper: Inspects = InspectWrapper(iter(chunks))  # type: ignore[arg-type]
    return wrapper


def check(seen: Inspects, declared: str, vmdk_types: Iterable[str]) -> None:
    """Raise `Malformed` unless the chunks were of the declared format, and refer to nothing outside themselves."""
    from oslo_utils.imageutils.format_inspector import ImageFormatError, SafetyCheckFailed  # noqa: PLC0415

    inspectors = seen.formats or []
    found = {each.NAME for each in inspectors}
    if found - _PLAIN if is_plain(declared) else found != {"raw" if declared in _NOT_INSPECTED else declared}:
        raise Malformed(
            f"The image is declared as {declared}, and is {' and '.join(sorted(found)) or 'nothing known'}."
        )
    if is_plain(declared) or declared in _NOT_INSPECTED:
        return
    (inspector,) = inspectors
    try:
        inspector.safety_check()
    except SafetyCheckFailed as error:
        why = ", ".join(str(failure) for failure in error.failures.values())
        raise Malformed(f"The image is not safe to read: {why}.") from error
    except ImageFormatError as error:
        raise Malformed(f"The image is not a complete {declared}: {error}.") from error
    if declared == "vmdk" and inspector.vmdktype not in {each.lower() for each in vmdk_types}:
        raise Malformed(f"VMDKs of the type {inspector.vmdktype} are not taken; see vmdk_allowed_types.")
