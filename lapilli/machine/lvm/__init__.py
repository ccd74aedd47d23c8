"""LVM on this computer: its programs, what they report, what they complain of, and volume groups in a file."""
