"""The volume and the store that these tests begin with."""

from pathlib import Path

import pytest

from tests.unit.backup.lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """An empty volume and an empty store."""
    return Lab(tmp_path)
