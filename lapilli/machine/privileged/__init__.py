"""The few things that need root: marked, asked of a helper where this process is not root, and bounded there."""
