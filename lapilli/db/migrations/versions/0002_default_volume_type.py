"""The volume type of volumes that ask for none. It has Cinder's name, so that an operator's settings find it."""

import uuid

import sqlalchemy as sa
from alembic import op

from lapilli.db.clock import now_text

revision = "0002_default_volume_type"
down_revision = "0001_tables"

_TYPES = sa.table(
    "volume_types",
    *(sa.column(name) for name in ("id", "name", "description", "is_public", "extra_specs", "created_at")),
)
_NAME = "__DEFAULT__"


def upgrade() -> None:
    # MariaDB may have kept the row of a first attempt that did not come to its end.
    if op.get_bind().scalar(sa.select(sa.exists().where(_TYPES.c.name == _NAME))):
        return
    op.execute(
        sa.insert(_TYPES).values(
            id=str(uuid.uuid4()),
            name=_NAME,
            description="Default Volume Type",
            is_public=sa.true(),
            extra_specs="{}",
            created_at=now_text(),
        )
    )
