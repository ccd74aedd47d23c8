"""Where backups go: containers of objects that are complete or not there at all."""
