"""The configuration file: the only room that reads one. Everybody else receives frozen dataclasses."""
