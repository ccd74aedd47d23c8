"""What must not be shown: values of options that are secret, and passwords inside URLs."""

import re

from lapilli.model.secrets import is_secret

MASK = "***"
# Greedy up to the last `@`: a password may hold `@`, `/` and `:`, and hiding too much is the safe side.
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][\w+.-]*://[^:/@\s]*):\S*@")


def masked(text: str) -> str:
    """The text with `***` in place of the passwords of its URLs."""
    return _URL_PASSWORD.sub(rf"\g<before>:{MASK}@", text)


def shown(name: str, text: str) -> str:
    """The value of an option as it may be printed."""
    return MASK if text and is_secret(name) else masked(text)
