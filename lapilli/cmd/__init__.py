"""One file per process or command: read the configuration, build the tools, start the loops. No rules."""
