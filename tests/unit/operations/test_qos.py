"""QoS specs as hosts get them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapilli.db import qos_specs, types
from lapilli.model.errors import Malformed
from lapilli.operations import qos
from tests.unit.operations.lab import TYPE, Lab

_NUMBERS = st.integers(0, 10**18 - 1).map(str)
_SIZES = st.integers(1, 2**31 - 1)


@given(_NUMBERS, _NUMBERS, _NUMBERS, _SIZES)
def test_per_gib(per_gib: str, least: str, most: str, size_gib: int) -> None:
    """A limit grows with the size between its least and its most, where the most has the last word."""
    specs = {"read_iops_sec_per_gb": per_gib, "read_iops_sec_per_gb_min": least, "read_iops_sec_max": most}
    (found,) = qos.tuned(specs, size_gib).values()
    assert isinstance(found, int)
    assert found <= int(most)
    assert found == int(most) or found >= int(least)
    assert found in {int(most), int(least), int(per_gib) * size_gib}


@given(_NUMBERS, _SIZES)
def test_no_bounds(per_gib: str, size_gib: int) -> None:
    """Without bounds the limit is the product, as far as 64 bits go, in place of one that was set."""
    found = qos.tuned({"total_bytes_sec_per_gb": per_gib, "total_bytes_sec": "7"}, size_gib)
    assert found == {"total_bytes_sec": min(int(per_gib) * size_gib, 2**63 - 1)}


@given(st.dictionaries(st.text().filter(lambda key: not key.endswith("_per_gb")), st.text() | st.none()), _SIZES)
def test_other_specs(specs: dict[str, str | None], size_gib: int) -> None:
    """What does not grow with the size stays as it is, the input too."""
    before = dict(specs)
    assert qos.tuned(specs, size_gib) == before == specs
    more = {**specs, "write_iops_sec_per_gb": "2"}
    assert qos.tuned(more, size_gib) == {**before, "write_iops_sec": 2 * size_gib}
    assert "write_iops_sec_per_gb" in more


@pytest.mark.parametrize("value", ["", "many", "-1", "1.5", "\u0661", "1" * 19, None])
@pytest.mark.parametrize("key", ["read_iops_sec_per_gb", "total_bytes_sec_max", "write_bytes_sec_per_gb_min"])
def test_numbers(key: str, value: str | None) -> None:
    """What is reckoned with must be a number."""
    with pytest.raises(Malformed, match=key):
        qos.check({key: value})
    qos.check({key: "1", "read_iops_sec": value, "other": value})


@pytest.mark.parametrize(
    ("consumer", "expected"),
    [("front-end", {"a": "b", "read_iops_sec": 6}), ("both", {"a": "b", "read_iops_sec": 6}), ("back-end", None)],
)
def test_what_hosts_are_told(lab: Lab, consumer: str, expected: Any) -> None:
    """Hosts get the specs that they are to see to, as the volume's size has them; and whether they may cache."""
    lab.tell(lab.first, cacheable=True)
    specs = {"a": "b", "read_iops_sec_per_gb": "2"}
    lab.db.write(lambda tx: qos_specs.add(tx, id="gold", name="gold", consumer=consumer, specs=specs))
    lab.db.write(lambda tx: qos_specs.associate(tx, "gold", TYPE))
    lab.db.write(lambda tx: types.set_extra_specs(tx, TYPE, {"cacheable": "<is> True"}))
    attachment_id = lab.attach(lab.create(3))
    info = lab.attachment(attachment_id).connection_info
    assert (info["qos_specs"], info["cacheable"], info["encrypted"]) == (expected, True, False)


def test_types_without_specs(lab: Lab) -> None:
    """There is nothing to tell."""
    info = lab.attachment(lab.attach(lab.create())).connection_info
    assert (info["qos_specs"], info["cacheable"]) == (None, False)
