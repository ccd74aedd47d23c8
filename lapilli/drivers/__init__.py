"""Where the bytes of a volume live: one module per kind of storage, found by entry points."""
