"""Add leftovers."""

import sqlalchemy as sa
from alembic import op

revision = "0004_add_leftovers"
down_revision = "0003_default_cgsnapshot_type"


def upgrade() -> None:
    op.create_table(
        "leftovers",
        sa.Column("operation", sa.String(length=36), nullable=False),
        sa.Column("pool", sa.String(length=255), nullable=False),
        sa.Column("size_gib", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operation"], ["operations.id"], name=op.f("fk_leftovers_operation")),
        sa.PrimaryKeyConstraint("operation", name=op.f("pk_leftovers")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
