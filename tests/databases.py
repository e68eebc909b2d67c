"""Databases of a test's own, on the server that all tests of a process share."""

import asyncpg

from seatwright.kit import ids


async def empty_database(server: str, prefix: str) -> str:
    """The address of a new database with nothing in it; `server` is any address at the server."""
    name = f"{prefix}_{ids.short_id()}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return f"{server.rpartition('/')[0]}/{name}"
