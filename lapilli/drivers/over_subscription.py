"""What an operator may say of promising more than there is."""

from lapilli.model.errors import BackendFailed


def check_ratio(ratio: str) -> None:
    """Raise `BackendFailed` unless `max_over_subscription_ratio` is a number from 1, or `auto`."""
    try:
        enough = ratio == "auto" or float(ratio) >= 1
    except ValueError:
        enough = False
    if not enough:
        raise BackendFailed(f"max_over_subscription_ratio is {ratio!r}: write a number from 1, or auto.")
