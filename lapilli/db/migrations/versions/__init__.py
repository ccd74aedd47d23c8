"""One file per step. A file's name is its revision, and the alphabet gives the order."""
