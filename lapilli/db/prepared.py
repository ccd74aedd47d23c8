"""Statements that are built once, at import: to build one takes SQLAlchemy longer than to run it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.sql.dml import ValuesBase


def write(tx: Connection, statement: ValuesBase, which: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Run an insert or update on the rows of its parameters `which`, and return how many there were.

    `values` join those that the statement has; expressions such as `now_text()` may be among them.
    """
    expressions = {name: value for name, value in values.items() if isinstance(value, ClauseElement)}
    if expressions:
        statement = statement.values(**expressions)
        values = {name: value for name, value in values.items() if name not in expressions}
    return tx.execute(statement, {**which, **values}).rowcount
