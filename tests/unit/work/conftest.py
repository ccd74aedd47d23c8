"""The databases of these tests."""

from tests.conformance.databases import db, migrated

__all__ = ["db", "migrated"]
