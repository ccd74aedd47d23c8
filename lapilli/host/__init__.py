"""This machine as a host of volumes: its initiator, its mounts, what is attached here, and what is left over."""
