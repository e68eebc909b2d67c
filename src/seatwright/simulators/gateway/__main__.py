"""`python -m seatwright.simulators.gateway --help`."""

import argparse
import os
from datetime import timedelta
from pathlib import Path

import uvloop

from seatwright.simulators.gateway.operations import Delays
from seatwright.simulators.gateway.server import Settings, run

# Options would show the secret in the list of processes; a parent may set it here instead.
SECRET_VARIABLE = "SEATWRIGHT_GATEWAY_SECRET"  # noqa: S105  # a name, not a secret
KEY_VARIABLE = "SEATWRIGHT_GATEWAY_API_KEY"


def _settings() -> Settings:
    parser = argparse.ArgumentParser(prog="seatwright.simulators.gateway")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, required=True, help="0 is any free one, named on standard output")
    add("--secret", default=os.environ.get(SECRET_VARIABLE), help=f"or ${SECRET_VARIABLE}")
    add(
        "--api-key", default=os.environ.get(KEY_VARIABLE), help=f"or ${KEY_VARIABLE}, or the secret"
    )
    add("--webhook-url", default="", help="where events are sent; nowhere when not given")
    add("--webhook-types", default="", help="only these, by commas; all when not given")
    add("--public-url", default="", help="where buyers reach /challenge/…; own address by default")
    add("--ledger", type=Path, required=True, help="the journal file, made when missing")
    add("--latency-ms", type=int, default=20)
    add("--webhook-delay-ms", type=int, default=100)
    add("--late-s", type=float, default=5, help="until a late capture or a failing refund")
    add("--challenge-s", type=float, default=900, help="until an unanswered challenge is declined")
    given = parser.parse_args()
    if not given.secret:
        parser.error(f"--secret or ${SECRET_VARIABLE} is needed")
    return Settings(
        host=given.host,
        port=given.port,
        secret=given.secret,
        api_key=given.api_key or given.secret,
        webhook_url=given.webhook_url,
        webhook_types=frozenset(filter(None, given.webhook_types.split(","))),
        public_url=given.public_url,
        ledger=given.ledger,
        latency_ms=given.latency_ms,
        webhook_delay_ms=given.webhook_delay_ms,
        delays=Delays(
            late=timedelta(seconds=given.late_s), challenge=timedelta(seconds=given.challenge_s)
        ),
    )


if __name__ == "__main__":
    uvloop.run(run(_settings()))
