"""Backup formats: Cinder's chunked one, written and read. Takes a device and a store, and knows no rows."""
