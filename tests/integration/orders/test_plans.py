"""
The plans that statements get while the tables are empty.

A plan is made when a process begins and serves through the first seconds of a sale. One that reads
a whole table or index, because there was little in it, takes longer with every order.
"""

import pytest

from seatwright.kit.postgres import queries
from tests import plans

CAPABILITIES = ("placing", "paying", "capturing", "reading", "blocking", "importing", "comparing")
# Jobs that ask once in a while for all that is open, and for nothing else.
ALL_THAT_IS_OPEN = {
    "forget_old_keys", "lag", "mend_overdue", "report_overdue", "waiting",
    # an order's own row, among those that are not captured yet
    "cancel_uncaptured",
}  # fmt: skip
STATEMENTS = [
    (capability, name)
    for capability in CAPABILITIES
    for name in sorted(queries(f"seatwright.orders.{capability}").names() - ALL_THAT_IS_OPEN)
]


async def plan(database, capability, name):
    return await plans.plan(database, queries(f"seatwright.orders.{capability}")[name])


@pytest.mark.parametrize(("capability", "name"), STATEMENTS)
async def test_a_row_is_found_by_an_index(database, capability, name):
    assert plans.read_whole(await plan(database, capability, name)) == []


async def test_a_ticket_is_found_by_its_id(database):
    # A gate that reads all tickets of the event for each of them never lets anybody in.
    found = await plan(database, "reading", "mark_used")
    assert [scan["Index Name"] for scan in plans.scans(found)] == ["tickets_pkey"]


async def test_a_plan_that_reads_a_whole_index_is_seen(database):
    assert plans.read_whole(await plan(database, "paying", "waiting")) != []
