"""The one page that knows status codes: which answer an error is, and how its body looks."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from lapilli.api.versions import NotServed
from lapilli.model import errors


class Fault(NamedTuple):
    """An error as it goes over the wire."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


_STATUS: Final[Mapping[type[Exception], int]] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 400,  # Cinder calls a wrong state a bad request
    errors.Taken: 409,
    errors.Refused: 413,
    errors.Unavailable: 503,
    NotServed: 406,
}
_KEYS: Final[Mapping[int, str]] = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    501: "notImplemented",
    503: "serviceUnavailable",
}
_OTHERS: Final = "computeFault"
"""Cinder's key for every other status, 406 and 500 among them."""
FAULT_KEYS: Final = frozenset({*_KEYS.values(), _OTHERS})


class Status(errors.LapilliError):
    """An answer whose status is not that of its class: `Conflict` is 409 for attachments, say."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def fault_of(error: Exception) -> Fault:
    """The answer that an error is; one that nobody foresaw is a 500 which tells nothing."""
    if isinstance(error, Status):
        return fault(error.status, str(error))
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)
    if status is None:
        return fault(500, "The server has either erred or is incapable of performing the requested operation.")
    if isinstance(error, errors.QuotaExceeded):
        return _over_quota(error)
    headers = getattr(error, "headers", {}) or ({"Retry-After": "5"} if status == _STATUS[errors.Unavailable] else {})
    return fault(status, str(error), headers)


def fault(status: int, message: str, headers: Mapping[str, str] | None = None) -> Fault:
    """A fault body: one key that tells the class, with the code and the message."""
    return Fault(status, {_KEYS.get(status, _OTHERS): {"code": status, "message": message}}, headers or {})


def _over_quota(error: errors.QuotaExceeded) -> Fault:
    """Cinder's clients know a quota by the exception's name at the front and by Retry-After."""
    name = _QUOTA_NAMES.get(error.resource.partition("_")[0], "OverQuota")
    body = {"code": 413, "message": f"{name}: {error}", "retryAfter": "0"}
    return Fault(413, {"overLimit": body}, {"Retry-After": "0"})


_QUOTA_NAMES: Final = {
    "gigabytes": "VolumeSizeExceedsAvailableQuota",
    "volumes": "VolumeLimitExceeded",
    "snapshots": "SnapshotLimitExceeded",
    "backups": "BackupLimitExceeded",
    "backup": "VolumeBackupSizeExceedsAvailableQuota",
    "groups": "GroupLimitExceeded",
}


def no_such_route() -> Fault:
    """What Cinder's WSGI layer answers for a path or verb that it does not route: JSON, but no fault."""
    message = "The resource could not be found."
    return Fault(404, {"message": message, "code": "404 Not Found", "title": "Not Found"}, {})
