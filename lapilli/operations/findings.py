"""What is found to be wrong with an installation, for people to read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    `kind` is a word for scripts, `where` a service or a pool, `what` a sentence about it, and `remedy` what to do. A
    notice is no problem: it is good to know. `can_fix` is whether `lapilli doctor --fix` does what the remedy says.
    """

    kind: str
    where: str
    what: str
    remedy: str
    is_problem: bool = True
    can_fix: bool = False
