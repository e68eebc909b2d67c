"""What a purchase costs in bytes: at the gateway, to Valkey, in PostgreSQL's log and tables."""

from typing import Any

import asyncpg

from bench.world import World
from seatwright.kit.valkey import Valkey

_SQL = """
SELECT (SELECT wal_bytes FROM pg_stat_wal)::bigint AS postgres_log,
    (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'orders' AND c.relkind = 'r')::bigint AS postgres_tables
"""


async def so_far(world: World) -> dict[str, int]:
    """Bytes since everything started."""
    connection = await asyncpg.connect(world.database_url)
    try:
        row = await connection.fetchrow(_SQL)
        assert row is not None
    finally:
        await connection.close()
    addresses = world.demo.installation.engines.addresses
    valkey = await Valkey.connect(addresses.valkey_url, name="bench")
    try:
        found: Any = await valkey.command("INFO", "stats")
    finally:
        await valkey.close()
    stats = dict(line.split(":", 1) for line in found.decode().splitlines() if ":" in line)
    return dict(row) | {
        "valkey_in": int(stats["total_net_input_bytes"]),
        "valkey_out": int(stats["total_net_output_bytes"]),
    }


def per_purchase(
    before: dict[str, int], after: dict[str, int], run: dict[str, Any]
) -> dict[str, int]:
    """What was added between, with the client's own connections, for each purchase."""
    # Warm-up and stragglers count too, in bytes as in orders.
    orders = max(1, run["orders_sent"])
    added = {name: after[name] - before[name] for name in after}
    added |= {"client_out": run["bytes_sent"], "client_in": run["bytes_received"]}
    return {name: round(value / orders) for name, value in added.items()}
