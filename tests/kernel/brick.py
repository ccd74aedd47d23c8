"""os-brick, as Nova and `lapilli attach` use it, in a process of its own."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from tests.kernel.machine import run


def connects(protocol: str, data: Mapping[str, Any], ask: str) -> str:
    """Connect by the connection info, write `brick` to the volume's beginning, and disconnect.

    Returns what the shell command `ask` prints meanwhile; `$DISK` in it is the volume's device.
    """
    done = run(sys.executable, "-c", _PROGRAM, protocol, json.dumps(dict(data)), ask)
    return str(json.loads(done.splitlines()[-1]))


_PROGRAM = """
import json, os, subprocess, sys
from oslo_service import backend
backend.init_backend(backend.BackendType.THREADING)
import os_brick
from os_brick import privileged
from os_brick.initiator.connector import InitiatorConnector
from oslo_concurrency import lockutils
from oslo_config import cfg
cfg.CONF([], project="brick", default_config_files=[])
lockutils.set_defaults("/run/brick")
os_brick.setup(cfg.CONF)
privileged.default.set_client_mode(False)
protocol, data, ask = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
connector = InitiatorConnector.factory(protocol, None)
found = connector.connect_volume(dict(data))
with open(found["path"], "r+b", buffering=0) as disk:
    disk.write(b"brick".ljust(4096, b"."))
    os.fsync(disk.fileno())
told = subprocess.run(ask, shell=True, env={**os.environ, "DISK": found["path"]}, capture_output=True, text=True)
connector.disconnect_volume(dict(data), found)
print(json.dumps(told.stdout))
"""
