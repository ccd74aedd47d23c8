"""Block devices over files, for tests in the kernel's guest."""

import subprocess
from pathlib import Path


class Loops:
    """Loop devices that end with the test."""

    def __init__(self) -> None:
        self._devices: list[str] = []

    def over(self, path: Path) -> str:
        """A block device whose bytes are the file's."""
        done = subprocess.run(["losetup", "--find", "--show", path], capture_output=True, text=True, check=True)
        self._devices.append(done.stdout.strip())
        return self._devices[-1]

    @staticmethod
    def grown(device: str) -> None:
        """The file has grown."""
        subprocess.run(["losetup", "--set-capacity", device], check=True)

    def end(self) -> None:
        for device in self._devices:
            subprocess.run(["losetup", "--detach", device], check=True)
        self._devices.clear()
