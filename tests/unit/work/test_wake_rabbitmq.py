"""Wake-ups over RabbitMQ."""

import logging
import ssl

import pytest

from lapilli.clients.rabbit import broker_urls
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.errors import Malformed
from lapilli.work.wake import WakeSettings, open_wake
from lapilli.work.wake.bus import BusWake
from lapilli.work.wake.rabbitmq import rabbit_wake
from tests.conformance.wakes import SOON_S, BusSuite
from tests.servers import RabbitMq
from tests.servers.process import free_port


class TestRabbitWake(BusSuite):
    @pytest.fixture
    def server(self, rabbitmq: RabbitMq) -> RabbitMq:
        return rabbitmq

    @pytest.fixture
    def urls(self, amqp_url: str) -> tuple[str, str]:
        return amqp_url, "sqlite://"


def test_rings_over_tls(rabbitmq: RabbitMq, amqp_url: str) -> None:
    """A verified TLS connection carries rings as a plain one does."""
    tls = rabbit_wake(
        amqp_url.replace(str(rabbitmq.port), str(rabbitmq.tls_port)),
        "openstack.wake",
        RabbitSettings(ssl=True, ssl_ca_file=str(rabbitmq.ca_file)),
    )
    plain = rabbit_wake(amqp_url, "openstack.wake", RabbitSettings())
    assert tls.connected.wait(SOON_S)
    assert plain.connected.wait(SOON_S)
    BusSuite().test_ring_reaches_the_peer(tls, plain)
    BusSuite().test_burst(plain, tls)
    tls.close()
    plain.close()


def test_unknown_authority(rabbitmq: RabbitMq, amqp_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A broker that the authorities do not vouch for is not talked to, and the log says why."""
    url = amqp_url.replace(str(rabbitmq.port), str(rabbitmq.tls_port))
    wake = rabbit_wake(
        url, "openstack.wake", RabbitSettings(ssl=True, ssl_ca_file=ssl.get_default_verify_paths().cafile)
    )
    assert not wake.connected.wait(0.5)
    wake.close()
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_next_host_takes_over(amqp_url: str) -> None:
    """Of several hosts the one that answers is used."""
    gone = f"lapilli:lapilli@127.0.0.1:{free_port()}"
    scheme, _, rest = amqp_url.partition("://")
    wake = rabbit_wake(f"{scheme}://{gone},{rest}", "openstack.wake", RabbitSettings())
    assert wake.connected.wait(SOON_S)
    wake.close()


def test_absent_broker_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """A broker that is away at start-up costs one line without the password, and does not delay the end."""
    url = f"rabbit://lapilli:hush@127.0.0.1:{free_port()}/"
    with caplog.at_level(logging.INFO, "lapilli"):
        wake = open_wake(WakeSettings(transport_url=url), RabbitSettings(), "sqlite://")
        assert isinstance(wake, BusWake)
        assert not wake.connected.wait(0.3)
        wake.close()
    [line] = caplog.messages
    assert line.startswith("RabbitMQ at 127.0.0.1:")
    assert "polling" in line
    assert "hush" not in line


@pytest.mark.parametrize(
    ("transport_url", "expected"),
    [
        ("rabbit://", ["pyamqp:///%2F"]),
        ("rabbit://u:p%40@h:1/", ["pyamqp://u:p%40@h:1/%2F"]),
        ("amqp://u:p@h//cinder", ["pyamqp://u:p@h/%2Fcinder"]),
        ("rabbit://u:p@a:1,u:q@b:2/v?ssl=1", ["pyamqp://u:p@a:1/v", "pyamqp://u:q@b:2/v"]),
    ],
)
def test_broker_urls(transport_url: str, expected: list[str]) -> None:
    """The forms that oslo.messaging takes."""
    assert broker_urls(transport_url) == expected


@pytest.mark.parametrize("transport_url", ["kafka://user:hush@host/", "user:hush@host"])
def test_transport_url_of_another_kind(transport_url: str) -> None:
    """What is not RabbitMQ is refused with the form that works, and without the password."""
    with pytest.raises(Malformed, match="rabbit://user:password@host:port/vhost") as refusal:
        open_wake(WakeSettings(transport_url=transport_url), RabbitSettings(), "sqlite://")
    assert "hush" not in str(refusal.value)
