"""What PostgreSQL plans to do for a statement, by a service's own session."""

import json
import re
from collections.abc import Iterator
from typing import Any

from seatwright.kit.postgres import Database

Plan = dict[str, Any]


def scans(plan: Plan) -> Iterator[Plan]:
    """The nodes of a plan that read a table or an index."""
    node = plan["Node Type"]
    reads = "Relation Name" in plan or "Index Name" in plan
    if reads and "Scan" in node and node != "Bitmap Heap Scan":
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


def read_whole(plan: Plan) -> list[str]:
    """The tables and indexes of which a plan reads all."""
    return [
        str(scan.get("Relation Name", scan.get("Index Name")))
        for scan in scans(plan)
        if "Index Cond" not in scan
    ]


async def plan(database: Database, statement: str) -> Plan:
    """The plan that the statement gets when nothing is known of what it will be given."""
    count = max((int(number) for number in re.findall(r"\$(\d+)", statement)), default=0)
    given = f"({', '.join(['NULL'] * count)})" if count else ""
    async with database.reading() as reader:
        await reader.rows(f"PREPARE planned AS {statement}")
        try:
            answer = await reader.value(f"EXPLAIN (FORMAT JSON) EXECUTE planned{given}")
        finally:
            await reader.rows("DEALLOCATE planned")
    (found,) = json.loads(str(answer))
    return dict(found["Plan"])
