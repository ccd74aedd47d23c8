"""The vocabulary: states, errors, values and plug-in protocols. No I/O, and nothing of the other rooms."""
