"""Which microversion a request speaks: the header's rules, and the range that is served."""

import re
from dataclasses import dataclass
from typing import Final

from lapilli.api.microversions import NEWEST
from lapilli.model.errors import Malformed

OLDEST: Final = 0
_FORM = re.compile(r"^([1-9][0-9]*)\.(0|[1-9][0-9]*)$")


class NotServed(Exception):
    """The version asked for is none that is served; answered with 406."""

    def __init__(self, asked: str) -> None:
        super().__init__(
            f"Version {asked} is not supported by the API. Minimum is 3.{OLDEST} and maximum is 3.{NEWEST}."
        )
        self.asked = asked


@dataclass(frozen=True)
class Version:
    """The negotiated minor version of v3."""

    minor: int

    def __str__(self) -> str:
        return f"3.{self.minor}"


_ALL = tuple(Version(minor) for minor in range(NEWEST + 1))


def negotiate(header: str | None) -> Version:
    """The version that an `OpenStack-API-Version` header asks for; 3.0 without one.

    The first comma-separated entry that contains `volume` counts. Raises `Malformed` for a header that names no volume
    version, and `NotServed` for one outside the range.
    """
    if header is None:
        return _ALL[0]
    entry = next((entry for entry in header.split(",") if "volume" in entry), None)
    if entry is None:
        raise Malformed("The OpenStack-API-Version header names no version of the volume service.")
    _, _, asked = " ".join(entry.split()).partition(" ")
    if asked == "latest":
        return _ALL[NEWEST]
    form = _FORM.match(asked)
    if form is None:
        raise Malformed(f"API version {asked!r} is not of the form MAJOR.MINOR.")
    major, minor = int(form[1]), int(form[2])
    if major != 3 or minor > NEWEST:  # noqa: PLR2004 - the only major version
        raise NotServed(asked)
    return _ALL[minor]
