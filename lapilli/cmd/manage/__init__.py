"""`lapilli manage`: one file for each of its groups of commands."""
