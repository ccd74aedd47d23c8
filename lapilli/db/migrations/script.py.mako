"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:  # noqa: PLR0915 - as long as the tables are many
    ${upgrades if upgrades else "pass"}
