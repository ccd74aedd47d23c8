"""What the tables are made of: kinds of columns, indexes of lists, and the rules for all of them."""

from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.mysql import LONGTEXT

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Json(TypeDecorator[Any]):
    """A JSON value as text."""

    impl = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else _encode(value).decode()

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else _decode(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# Names compare byte by byte on every database.
OPTIONS: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}

ID = String(36)
NAME = String(255)
TIME = String(26)
WORD = String(64)


def key(of: str) -> Column[str]:
    """A column to sort by: `of` with NULL as the lowest value, the same on every database, so that pages can resume."""
    return Column(f"{of}_key", NAME, Computed(f"coalesce({of}, '')", persisted=True))


def owned(*of: Column[Any]) -> list[Column[Any]]:
    """How the table of a project's things begins: the id, whose it is, what it is `of`, and what people call it."""
    return [
        Column("id", ID, primary_key=True),
        Column("project_id", NAME, nullable=False),
        Column("user_id", NAME, nullable=False),
        *of,
        Column("name", NAME),
        Column("description", NAME),
    ]


def by_hand() -> Column[bool]:
    """Whether an administrator wrote the status: a transient one means no operation then."""
    return Column("by_hand", Boolean, nullable=False, default=False)


def listed_by(table: str, *columns: str) -> list[Index]:
    """Indexes that serve a list sorted or filtered by each column, of one project and of all.

    The order is Cinder's: the column, then created_at, then id.
    """
    rest = ("created_at", "id")
    return [
        Index(f"ix_{table}_{scope}{column}", *prefix, column, *(name for name in rest if name != column))
        for column in columns
        for scope, prefix in (("project_", ("project_id",)), ("", ()))
    ]
