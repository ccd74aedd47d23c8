"""What a question answers with: a row, whose columns are attributes."""

from typing import Any

from sqlalchemy import Row

AnyRow = Row[*tuple[Any, ...]]
