"""The one place where entry is put together."""

from functools import partial

from seatwright.contracts.directory import Directory
from seatwright.entry import http
from seatwright.entry.service.access import Access
from seatwright.entry.service.check_in import Gate
from seatwright.entry.service.gate_books import GateBooks
from seatwright.entry.tasks import Telling
from seatwright.kit import tasks
from seatwright.kit.outbox import IDLE, Relay
from seatwright.kit.process import Part, Tools


async def wire(tools: Tools, directory: Directory) -> Part:
    """Entry for this process: scanning over HTTP, the outbox's relay, and telling orders."""
    database = await tools.database("entry")
    access = Access(directory.accounts, directory.catalog)
    gate = Gate(database, tools.keys, directory.orders, access)
    relay = Relay(database, tools.broker, "entry")
    telling = Telling(tools.broker, directory.orders)
    return Part(
        routes=http.ROUTES,
        offers=(access, gate, GateBooks(database, tools.keys)),
        background={"entry-outbox": partial(tasks.forever, "entry-outbox", relay.step, idle=IDLE)},
        workers={"entry-admitted": telling.run},
    )
