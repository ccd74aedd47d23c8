"""This computer: its programs, files and devices. The only room that starts a process."""
