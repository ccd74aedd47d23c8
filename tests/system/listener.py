"""A program that hears notifications with oslo.messaging, and prints each as a line of JSON: URL, how many."""

import json
import sys
import threading

import oslo_messaging
from oslo_config import cfg

_heard = threading.Event()


class Endpoint:
    """Told of everything of priority INFO."""

    def __init__(self, wanted: int) -> None:
        self._missing = wanted

    def info(self, _context: object, sender: str, event_type: str, payload: dict[str, str], _more: object) -> None:
        told = {"publisher_id": sender, "event_type": event_type, "volume_id": payload["volume_id"]}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        self._missing -= 1
        if not self._missing:
            _heard.set()


def main(url: str, wanted: int) -> None:
    """Listen until everything has been heard."""
    conf = cfg.ConfigOpts()
    conf([])
    transport = oslo_messaging.get_notification_transport(conf, url=url)
    targets = [oslo_messaging.Target(topic="notifications", exchange="openstack")]
    listener = oslo_messaging.get_notification_listener(transport, targets, [Endpoint(wanted)], executor="threading")
    listener.start(override_pool_size=1)  # several threads would tell what they hear in any order
    _heard.wait(50)
    listener.stop()
    listener.wait()


main(sys.argv[1], int(sys.argv[2]))
