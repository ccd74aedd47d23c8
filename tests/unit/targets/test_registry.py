"""Target drivers are found by their own names and by those of a `cinder.conf`."""

import pytest

from lapilli.model.errors import Malformed
from lapilli.targets import registry
from lapilli.targets.lio import LioTarget
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.tgt import TgtTarget


@pytest.mark.parametrize(
    ("name", "kind", "port"),
    [
        ("tgt", TgtTarget, 3260),
        ("tgtadm", TgtTarget, 3260),
        ("lio", LioTarget, 3260),
        ("lioadm", LioTarget, 3260),
        ("nvmet", NvmetTarget, 4420),
    ],
)
def test_targets_are_found(name: str, kind: type[object], port: int) -> None:
    """By our names and by Cinder's."""
    assert registry.get(name) is kind
    assert registry.get(name).Settings().target_port == port


@pytest.mark.parametrize(
    ("name", "said"), [("scstadmin", r"scst \(which scstadmin stands for\)"), ("spdk-nvmeof", "spdk"), ("", "Target ")]
)
def test_an_unknown_target_is_named_beside_the_known(name: str, said: str) -> None:
    """The error has what was asked for and what there is."""
    with pytest.raises(Malformed, match=rf"{said}.*Known targets: .*tgt"):
        registry.get(name)
