"""What objects are called, and which containers may be asked for."""

import pytest

from lapilli.backup.names import Address, check_container
from lapilli.model.errors import Malformed


def test_numbers_have_five_digits_or_more() -> None:
    """As Cinder's `%05d`, which grows past 99999."""
    address = Address("c", "p")
    assert [address.data(1), address.data(100_000)] == ["p-00001", "p-100000"]
    assert [
        address.is_data(name) for name in ("p-00001", "p-100000", "p_metadata", "p_sha256file", "p-1", "q-00001")
    ] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("container", ["weekly", "a/b/c", "volumebackups", "ab/cd/abcd-ef", "with space"])
def test_plain_containers_are_taken(container: str) -> None:
    """Names, and paths that lead downwards."""
    check_container(container)


@pytest.mark.parametrize(
    "container", ["", "/", "..", "a/../b", "/etc", "a//b", "a/", ".hidden", "a\0b", "a\nb", "x" * 256]
)
def test_others_are_refused(container: str) -> None:
    """Whatever could lead out of the store, or be no name there."""
    with pytest.raises(Malformed, match="Container"):
        check_container(container)
