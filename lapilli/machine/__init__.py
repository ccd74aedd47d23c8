"""This computer: its files, devices and locks, and its programs run to their end."""
