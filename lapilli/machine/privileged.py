"""What needs root, as named functions with plain arguments.

A function marked `@privileged` is called like any other. Where this process is root it runs here.
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from lapilli.model.errors import Unavailable

_P = ParamSpec("_P")
_R = TypeVar("_R")


def privileged(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function that needs root. Its arguments and its result are JSON; it checks them itself."""

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if os.geteuid() != 0:
            raise Unavailable(f"{function.__name__} needs root.")
        return function(*args, **kwargs)

    return call
