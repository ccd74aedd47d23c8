"""Modules of the kernel."""

import pytest

from lapilli.machine.modules import load
from lapilli.model.errors import BackendFailed


def test_a_missing_module_is_told() -> None:
    """By its name, and with what to do instead."""
    with pytest.raises(BackendFailed, match=r"This kernel has no lapilli_none \(.+\): use files\."):
        load("lapilli_none", "use files.")
