"""How the bytes of a volume are reached over a network: one target driver per file."""
