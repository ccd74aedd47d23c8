"""Remarks on extra specs that are probably not meant."""

import pytest

from lapilli.scheduler.lint import lint


@pytest.mark.parametrize(
    ("key", "value", "remark"),
    [
        ("total_volumes", "< 500", "hard metric constraint"),
        ("total_volumes", "<=500", "write the key total_volumes<= with the value 500"),
        ("iops", "= 500", "means at least 500"),
        ("iops", ">= many", "'many' is not a number"),
        ("multiattach", "True", "write '<is> True'"),
        ("spindles", "4", "write '== 4'"),
        ("model", "<all-in> a", "'<all-in>' is no operator"),
        ("model", "!=C", "'!=C' is no operator"),
        ("model", "s== a b", "only 'a' is compared"),
        ("model", "<or>", "nothing follows <or>"),
        ("capabilities:total_volumes<", "few", "'few' is not a number"),
        ("model", None, "no value"),
    ],
)
def test_remarks(key: str, value: str | None, remark: str) -> None:
    """Each trap is named, with what to write instead."""
    assert any(remark in each for each in lint({key: value})), lint({key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("volume_backend_name", "fast"),
        ("multiattach", "<is> True"),
        ("capabilities:array_model", "FlashArray//X"),
        ("capabilities:total_volumes<", "800"),
        ("array_model!", "FlashArray//C"),
        ("protocol", "<or> iSCSI <or> FC"),
        ("vendor:secret", "< whatever"),
    ],
)
def test_nothing_to_remark(key: str, value: str) -> None:
    """Specs that mean what they say are left in peace."""
    assert lint({key: value}) == []
