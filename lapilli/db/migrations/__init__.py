"""How a database comes to the tables of this release, step by step. `scripts/new-migration` writes the steps."""
