"""Volumes and snapshots have the names that Cinder gave them, and ours lie beside them."""

import pytest

from lapilli.drivers.lvm import names
from lapilli.model.errors import Malformed

ID = "0f9c1f3e-7b0a-4c3d-9e0e-1f2d3c4b5a69"


def test_snapshots_have_an_underscore() -> None:
    """LVM keeps `snapshot…` for itself; other names are as they are."""
    assert names.lv_name(f"snapshot-{ID}") == f"_snapshot-{ID}"
    assert names.lv_name(f"volume-{ID}") == f"volume-{ID}"
    for name in (f"snapshot-{ID}", f"volume-{ID}", "_other"):
        assert names.name_of(names.lv_name(name)) == name


@pytest.mark.parametrize(
    "name", ["", ".", ".hidden", "a/b", "lapilli.gone1.volume-a", "lapilli.of.volume-a", "x" * 300]
)
def test_names_that_none_can_have(name: str) -> None:
    """What could reach elsewhere, or is ours, is no volume."""
    with pytest.raises(Malformed):
        names.lv_name(name)


def test_what_lies_aside() -> None:
    """Each deletion under one name has its own number, and the last one is found again."""
    there = ["volume-a", "lapilli.gone1.volume-a", "lapilli.gone12.volume-a", "lapilli.gone30.volume-ab"]
    assert names.last_aside("volume-a", there) == "lapilli.gone12.volume-a"
    assert names.next_aside("volume-a", there) == "lapilli.gone13.volume-a"
    assert names.last_aside("volume-b", there) is None
    assert names.next_aside("volume-b", there) == "lapilli.gone1.volume-b"
    assert names.is_aside("lapilli.gone1.volume-a")
    for own in (names.kept_source("volume-a"), names.replacement("volume-a")):
        assert names.is_own(own)
        assert not names.is_aside(own)
    assert not names.is_own("volume-a")
