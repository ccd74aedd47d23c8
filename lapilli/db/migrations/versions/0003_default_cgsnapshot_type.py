"""The group type of legacy consistency groups. It has Cinder's name, by which clients know such groups."""

import uuid

import sqlalchemy as sa
from alembic import op

from lapilli.db.clock import now_text

revision = "0003_default_cgsnapshot_type"
down_revision = "0002_default_volume_type"

_TYPES = sa.table(
    "group_types",
    *(sa.column(name) for name in ("id", "name", "description", "is_public", "group_specs", "created_at")),
)
_NAME = "default_cgsnapshot_type"


def upgrade() -> None:
    # MariaDB may have kept the row of a first attempt that did not come to its end.
    if op.get_bind().scalar(sa.select(sa.exists().where(_TYPES.c.name == _NAME))):
        return
    op.execute(
        sa.insert(_TYPES).values(
            id=str(uuid.uuid4()),
            name=_NAME,
            description="Default group type for migrating cgsnapshot",
            is_public=sa.true(),
            group_specs='{"consistent_group_snapshot_enabled":"<is> True"}',
            created_at=now_text(),
        )
    )
