"""`lapilli demo`: the whole service at work, step by step."""
