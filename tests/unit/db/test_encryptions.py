"""How volume types are encrypted."""

from typing import Any, Final

import pytest

from lapilli.db import encryptions, types
from lapilli.db.engine import Database
from lapilli.model.errors import NotFound
from tests.conformance.databases import new_id

_WAY: Final[dict[str, Any]] = {"encryption_id": "e", "provider": "luks", "control_location": "front-end"}


def test_life(db: Database) -> None:
    """A type is encrypted, otherwise encrypted, and no more; its encryption goes with it."""
    fast = new_id()
    db.write(lambda tx: types.add(tx, id=fast, name="fast"))
    for missing in (lambda tx: encryptions.change(tx, fast, cipher="c"), lambda tx: encryptions.remove(tx, fast)):
        with pytest.raises(NotFound):
            db.write(missing)
    db.write(lambda tx: encryptions.add(tx, volume_type_id=fast, **_WAY))
    db.write(lambda tx: encryptions.change(tx, fast, cipher="c", key_size=256))
    with db.read() as tx:
        row = encryptions.find(tx, fast)
        assert row is not None
        assert (row.provider, row.cipher, row.key_size) == ("luks", "c", 256)
    db.write(lambda tx: encryptions.remove(tx, fast))
    db.write(lambda tx: encryptions.add(tx, volume_type_id=fast, **_WAY))
    db.write(lambda tx: types.remove(tx, fast))
    with db.read() as tx:
        assert encryptions.find(tx, fast) is None
