"""One verb per file: what is checked before 202, the steps, their records, and the failure path."""
