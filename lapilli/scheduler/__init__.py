"""Ranks pools for a request and explains the ranking. Pure: what it knows of the world arrives as arguments."""
