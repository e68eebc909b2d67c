"""
The ceiling's server: the same stack, the same number of requests, calls and commits, no business.

What a purchase costs beyond this is ours to reduce; what this costs is the machine's.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from typing import Any

import asyncpg
import uvloop
from litestar import Litestar, Request, Response, post

from seatwright.contracts.payments import Authorisation, GatewayName, PaymentReference
from seatwright.kit import ids
from seatwright.kit.lanes import Lane
from seatwright.kit.settings import read
from seatwright.kit.valkey import Valkey
from seatwright.payments.adapters.simulated import SimulatedGateway
from seatwright.run.serving import _server

_INSERT = "INSERT INTO bench.ceiling (id, body) SELECT * FROM unnest($1::text[], $2::bytea[])"


class Bare:
    """Engines and nothing else."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", valkey: Valkey, gateway: SimulatedGateway
    ) -> None:
        self.pool = pool
        self.valkey = valkey
        self.gateway = gateway
        self.lanes = [Lane(f"c{n}", self._write, keys=lambda one: [one[0]]) for n in range(2)]

    async def _write(self, batch: Sequence[tuple[str, bytes]]) -> list[bool]:
        async with self.pool.acquire() as connection:
            await connection.execute(_INSERT, [b[0] for b in batch], [b[1] for b in batch])
        return [True] * len(batch)


def application(bare: Bare) -> Litestar:
    @post("/v1/holds", status_code=201)
    async def hold(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        await bare.valkey.command("SET", f"ceiling:{ids.short_id()}", "1", "PX", "60000")
        return Response(b'{"hold_token": "bare"}', media_type="application/json")

    @post("/v1/orders", status_code=201)
    async def order(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        name = ids.short_id()
        await bare.lanes[0].submit((name, body))
        await bare.gateway.authorise(
            Authorisation(
                gateway=GatewayName("simulated"), reference=PaymentReference(f"bare_{name}"),
                amount=100, currency="EUR", token="tok_webhook_never", order=name, event="bare",
                seats=(1,), return_url="http://127.0.0.1/",
            )
        )  # fmt: skip
        await bare.lanes[1].submit((f"{name}b", body))
        await bare.valkey.command("SET", f"ceiling:{name}", "1", "PX", "60000")
        return Response(b'{"status":"paid"}', media_type="application/json")

    return Litestar([hold, order], openapi_config=None, logging_config=None)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    settings = read(os.environ)
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=6)
    gateway = SimulatedGateway.open(
        url=settings.gateway_url, key=settings.gateway_key, secret=settings.gateway_webhook_secret
    )
    bare = Bare(pool, await Valkey.connect(settings.valkey_url, name="ceiling"), gateway)
    await asyncio.wait_for(_server(application(bare), port, "127.0.0.1").serve(), None)


if __name__ == "__main__":
    uvloop.run(main())
