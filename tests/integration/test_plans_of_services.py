"""
The plans that the statements of accounts, catalog, delivery and entry get over empty tables.

As for orders (`orders/test_plans.py`): a plan serves on while the tables fill, so it must find its
rows by an index from the beginning.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from seatwright.kit.postgres import Database, queries
from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests import plans
from tests.databases import empty_database

SERVICES = ("accounts", "catalog", "delivery", "entry")
# Once in a while, everything there is: the bucket of documents is compared with the table.
ALL_THERE_IS = {("catalog", "document_versions")}
STATEMENTS = [
    (service, name)
    for service in SERVICES
    for name in sorted(queries(f"seatwright.{service}").names())
    if (service, name) not in ALL_THERE_IS
]


@pytest.fixture(scope="module")
async def databases(engines: Addresses) -> AsyncIterator[dict[str, Database]]:
    url = await empty_database(engines.database_url, "plans")
    await migrations.install(url)
    async with AsyncExitStack() as opened:
        found = {}
        for service in SERVICES:
            found[service] = await Database.connect(url, service=service)
            opened.push_async_callback(found[service].close)
        yield found


@pytest.mark.parametrize(("service", "name"), STATEMENTS)
async def test_a_row_is_found_by_an_index(databases, service, name):
    plan = await plans.plan(databases[service], queries(f"seatwright.{service}")[name])
    assert plans.read_whole(plan) == []


async def test_a_plan_that_reads_a_whole_table_is_seen(databases):
    statement = queries("seatwright.catalog")["document_versions"]
    assert plans.read_whole(await plans.plan(databases["catalog"], statement)) == ["documents"]


async def test_a_clock_that_moves_while_a_statement_runs_is_asked_of_every_row(databases):
    """Why time limits say `statement_timestamp()`: that one does not change, so it is looked up."""
    statement = queries("seatwright.accounts")["sweep_sessions"]
    assert "statement_timestamp()" in statement
    moving = statement.replace("statement_timestamp()", "clock_timestamp()")
    assert plans.read_whole(await plans.plan(databases["accounts"], moving)) == ["sessions"]
