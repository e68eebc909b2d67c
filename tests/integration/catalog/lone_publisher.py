"""A process of its own that publishes one event, and may be killed while it does."""

import asyncio
import sys
from pathlib import Path

from seatwright.catalog.adapters.bucket import Bucket
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.programme import Programme
from seatwright.catalog.service.publications import Move, move_event
from seatwright.contracts.catalog import EventId, OrganisationId
from seatwright.kit import clock
from tests.integration.catalog.conftest import tools_of


async def publish(nats_url: str, database_url: str, organisation: str, event: str) -> None:
    tools = await tools_of(nats_url, database_url, Path("unused"))("lone-publisher")
    catalogue = Catalogue(
        await tools.database("catalog"), tools.files, Bucket(tools.broker), Programme()
    )
    move = Move(organisation=OrganisationId(organisation), event=EventId(event), step="publish")
    await move_event(catalogue, move, now=clock.now())


if __name__ == "__main__":
    asyncio.run(publish(*sys.argv[1:]))
