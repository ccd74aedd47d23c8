"""Every error that is an answer.

    LapilliError
     ├─ Malformed        the request cannot be understood or is not possible       400
     ├─ Unauthenticated  nobody is known behind the request                        401
     ├─ Forbidden        the policy says no                                        403
     ├─ NotFound         there is no such thing, or it is another project's        404
     ├─ Conflict         the thing is not in a state that allows it                400 or 409
     │   └─ Taken        a name or key that must be unique is in use               409
     ├─ Refused          a limit says no                                           413
     │   └─ QuotaExceeded
     └─ Unavailable      a part that is needed does not answer now; try again      503
         ├─ CommandFailed   a program of this machine ended badly
         ├─ BackendFailed   a storage backend or target did not do its work
         └─ NoBackendFits   no pool can take the volume

Anything else that is raised is a bug. `api/faults.py` alone knows the status codes. Foreign errors
are translated where they appear, so that nothing above ever names a library's exception.
"""

from collections.abc import Sequence


class LapilliError(Exception):
    """Base of every answer; `str()` is a sentence for the person who asked."""


class Malformed(LapilliError):
    """The request cannot be understood, or asks for what is not possible."""


class Unauthenticated(LapilliError):
    """Nobody is known behind the request."""


class Forbidden(LapilliError):
    """The policy does not let this caller do it."""


class NotFound(LapilliError):
    """There is no such thing in this project."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} could not be found.")
        self.kind = kind
        self.name = name


class Conflict(LapilliError):
    """The thing exists, but not in a state that allows what was asked."""


class Taken(Conflict):
    """A name or key that must be unique is in use already."""


class Refused(LapilliError):
    """A limit says no."""


class QuotaExceeded(Refused):
    """A project would have more than its quota allows.

    `resource` is the quota's name (`volumes`, `gigabytes`, `gigabytes_<type>` …); `asked`, `used` and `limit` are
    in that resource's unit (pieces or GiB).
    """

    def __init__(self, resource: str, asked: int, used: int, limit: int) -> None:
        super().__init__(f"Quota exceeded for {resource}: {asked} asked for, {used} in use, and the limit is {limit}.")
        self.resource = resource
        self.asked = asked
        self.used = used
        self.limit = limit


class Unavailable(LapilliError):
    """A part that is needed does not answer now. Trying again later may help."""


class CommandFailed(Unavailable):
    """A program of this machine ended badly.

    `exit_code` is negative for a signal and None when the program could not be started or ran out of time.
    """

    def __init__(self, argv: Sequence[str], exit_code: int | None, stderr: str) -> None:
        how = "did not finish" if exit_code is None else f"ended with {exit_code}"
        super().__init__(f"{' '.join(argv)} {how}: {stderr.strip() or 'no message'}")
        self.argv = tuple(argv)
        self.exit_code = exit_code
        self.stderr = stderr


class BackendFailed(Unavailable):
    """A storage backend or a target did not do its work, and says why."""


class NoBackendFits(Unavailable):
    """No pool can take the volume; the stored decision has every pool's reason."""
