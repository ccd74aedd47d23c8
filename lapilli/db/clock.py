"""Time is the database's: leases, heartbeats and timestamps of all machines come from one clock."""

from typing import Any

from sqlalchemy import Double, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class now_s(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """Seconds since 1970 as a double, at the moment the statement runs (not when the transaction began)."""

    type = Double()
    inherit_cache = True


class now_text(FunctionElement[str]):  # noqa: N801
    """UTC as the wire spells it: `2026-11-20T10:31:59.455874`. SQLite counts milliseconds only."""

    type = String(26)
    inherit_cache = True


@compiles(now_s, "sqlite")
def _now_s_sqlite(_element: now_s, _compiler: Any, **_kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now_s, "postgresql")
def _now_s_postgresql(_element: now_s, _compiler: Any, **_kw: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


@compiles(now_s, "mysql")
@compiles(now_s, "mariadb")
def _now_s_mariadb(_element: now_s, _compiler: Any, **_kw: Any) -> str:
    return "cast(unix_timestamp(sysdate(6)) as double)"


@compiles(now_text, "sqlite")
def _now_text_sqlite(_element: now_text, _compiler: Any, **_kw: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%f000', 'now')"


@compiles(now_text, "postgresql")
def _now_text_postgresql(_element: now_text, _compiler: Any, **_kw: Any) -> str:
    return """to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""


@compiles(now_text, "mysql")
@compiles(now_text, "mariadb")
def _now_text_mariadb(_element: now_text, _compiler: Any, **_kw: Any) -> str:
    # The session's time zone is set to UTC at connect.
    return "date_format(sysdate(6), '%%Y-%%m-%%dT%%H:%%i:%%s.%%f')"
