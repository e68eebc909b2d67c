"""The auditor's own look at the tables. What is added to the schema is added here alone."""

from dataclasses import dataclass
from typing import Any

from tests.simulation.truth import Truth

_Rows = list[dict[str, Any]]


@dataclass
class Books:
    """Everything that PostgreSQL has, as rows."""

    orders: _Rows
    claims: _Rows
    attempts: _Rows
    tickets: _Rows
    idempotency: _Rows
    breaks: _Rows
    strays: _Rows
    outbox: _Rows

    @property
    def by_order(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.orders}


async def read(truth: Truth) -> Books:
    async def rows(table: str) -> _Rows:
        return [dict(row) for row in await truth.owner.fetch(f"SELECT * FROM orders.{table}")]

    names = Books.__dataclass_fields__
    return Books(**{name: await rows(name) for name in names})


async def order_state(truth: Truth, order: str) -> str | None:
    found: str | None = await truth.owner.fetchval(
        "SELECT state FROM orders.orders WHERE id = $1", order
    )
    return found


async def open_work(truth: Truth) -> int:
    """How much is not settled: orders, attempts, messages, strays."""
    count: int = await truth.owner.fetchval("""
        SELECT (SELECT count(*) FROM orders.orders
                WHERE state NOT IN ('paid', 'expired', 'cancelled')
                    OR (state = 'paid' AND captured_at IS NULL))
            + (SELECT count(*) FROM orders.attempts WHERE due_at IS NOT NULL)
            + (SELECT count(*) FROM orders.outbox) + (SELECT count(*) FROM orders.strays)
    """)
    return count
