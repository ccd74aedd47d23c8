"""What is remembered, for how long, and how much of it."""

from lapilli.api.identity.memory import Memory


def test_time() -> None:
    """A value is there until its time is over; keeping it again begins anew, and no time is not at all."""
    now = 100.0
    memory: Memory[str] = Memory(10, lambda: now)
    memory.keep("a", "one", 5)
    memory.keep("b", "two", 0)
    memory.keep("c", "three", -1)
    assert [memory.find(key) for key in "abcd"] == ["one", None, None, None]
    now = 104.9
    assert memory.find("a") == "one"
    memory.keep("a", "again", 5)
    now = 106.0
    assert memory.find("a") == "again"
    now = 109.9
    assert memory.find("a") is None


def test_size() -> None:
    """The oldest value makes room for a new one; a value kept again is not the oldest any more."""
    memory: Memory[int] = Memory(3, lambda: 0.0)
    for number, key in enumerate("abcad"):
        memory.keep(key, number, 1)
    assert [memory.find(key) for key in "abcd"] == [3, None, 2, 4]
