"""Wake-ups within one process."""

import pytest

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.work.wake import LocalWake, WakeSettings, open_wake
from tests.conformance.wakes import Opener, WakeSuite


class TestLocalWake(WakeSuite):
    @pytest.fixture
    def opener(self) -> Opener:
        return LocalWake

    def test_nothing_is_kept_for_topics_without_listeners(self) -> None:
        """Topics come and go with their listeners, for each operation has one of its own."""
        wake = LocalWake()
        for number in range(10):
            wake.ring(f"operation:{number}")
            wake.listen(f"operation:{number}", "all").close()
        assert wake.topics() == set()


def test_sqlite_gets_the_local_wake() -> None:
    """With neither a broker nor PostgreSQL, wake-ups stay in the process."""
    assert isinstance(open_wake(WakeSettings(), RabbitSettings(), "sqlite:///x"), LocalWake)
