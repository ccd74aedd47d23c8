"""Errors: the sentences that people read."""

from lapilli.model.errors import CommandFailed, NotFound, QuotaExceeded


def test_each_says_what_happened() -> None:
    """The message names the thing, the numbers, or the program with its own words."""
    assert str(NotFound("Volume", "v1")) == "Volume v1 could not be found."
    assert "5 asked for, 8 in use, and the limit is 10" in str(QuotaExceeded("gigabytes", 5, 8, 10))
    assert str(CommandFailed(["lvs", "--x"], 5, "no such option\n")) == "lvs --x ended with 5: no such option"
    assert "did not finish" in str(CommandFailed(["sleep", "9"], None, ""))
