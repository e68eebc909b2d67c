"""`seatwright demo` as a person has it: started, stopped with Ctrl-C, started again."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from seatwright.kit import ids
from seatwright.run import standing
from seatwright.run.engines.ports import free_port

START_TIMEOUT_S = 180


class Demonstration:
    """The command on one folder and one port; `said` is its screen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.said = ""
        self._running: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def kept(self) -> dict[str, Any]:
        """What it wrote down."""
        return dict(json.loads((self.data / "demo.json").read_text()))

    def start(self, *options: str, **environment: str) -> None:
        """Returns when the screen is there; a start that hangs is ended."""
        command = [sys.executable, "-m", "seatwright", "demo", "--port", str(self.port)]
        clean = {name: os.environ[name] for name in os.environ.keys() - standing.names()}
        self._running = subprocess.Popen(
            [*command, "--data", str(self.data), *options],
            env={**clean, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        late = threading.Timer(START_TIMEOUT_S, self._running.kill)
        late.start()
        said = []
        try:
            for line in self._running.stdout or ():
                said.append(line)
                if "Ctrl-C stops everything" in line:
                    break
            else:
                self._running.wait()
                self._running = None
                raise AssertionError("".join(said))
        finally:
            late.cancel()
        self.said = "".join(said)

    def stop(self) -> None:
        """Ctrl-C, which is an orderly end; nothing to do when it does not run."""
        running, self._running = self._running, None
        if running is not None:
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=60)
            assert running.returncode == 0, "Ctrl-C is an orderly end"


@contextlib.contextmanager
def demonstration() -> Iterator[Demonstration]:
    """One on a folder of its own; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="seatwright-demonstration-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    demo = Demonstration(folder)
    try:
        yield demo
    finally:
        try:
            demo.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def buy(client: httpx.AsyncClient, event: str, *, email: str) -> dict[str, Any]:
    """Two neighbours, paid; the order with its secret."""
    wish = {"event_id": event, "best_available": {"quantity": 2}}
    hold = await client.post("/v1/holds", json=wish)
    assert hold.status_code == 201, hold.text
    order = await client.post(
        "/v1/orders",
        json={
            "hold_token": hold.json()["hold_token"],
            "buyer": {"name": "Ada Lovelace", "email": email},
            "payment": {"method": "simulated", "token": "tok_ok"},
        },
        headers={"Idempotency-Key": ids.secret()},
    )
    assert (order.status_code, order.json().get("status")) == (201, "paid"), order.text
    return dict(order.json())
