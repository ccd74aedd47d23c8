"""The HTTP edge. Reads go to `db`, writes to `operations`; nothing here decides what may happen to a volume."""
