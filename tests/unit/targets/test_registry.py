"""Target drivers are found by their own names and by those of a `cinder.conf`."""

import pytest

from lapilli.model.errors import Malformed
from lapilli.targets import registry
from lapilli.targets.tgt import TgtTarget


@pytest.mark.parametrize("name", ["tgt", "tgtadm"])
def test_tgt_is_found(name: str) -> None:
    """By our name and by Cinder's."""
    assert registry.get(name) is TgtTarget
    assert registry.get(name).Settings().target_port == 3260


@pytest.mark.parametrize(
    ("name", "said"), [("lioadm", r"lio \(which lioadm stands for\)"), ("nvmet", "nvmet"), ("", "Target ")]
)
def test_an_unknown_target_is_named_beside_the_known(name: str, said: str) -> None:
    """The error has what was asked for and what there is."""
    with pytest.raises(Malformed, match=rf"{said}.*Known targets: .*tgt"):
        registry.get(name)
