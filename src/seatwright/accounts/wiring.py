"""The only constructor of accounts."""

from contextlib import suppress
from datetime import timedelta

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.http import (
    me,
    members,
    password_resets,
    registration,
    sessions,
    tokens,
)
from seatwright.accounts.service import recognise, sweep
from seatwright.accounts.service.desk import Desk
from seatwright.accounts.service.recognise import Recogniser
from seatwright.contracts.directory import Directory
from seatwright.kit.errors import Expected
from seatwright.kit.outbox import IDLE, Relay
from seatwright.kit.postgres import Database
from seatwright.kit.process import Part, Tools
from seatwright.kit.tasks import forever

ROUTES = (
    *registration.ROUTES,
    *sessions.ROUTES,
    *me.ROUTES,
    *password_resets.ROUTES,
    *members.ROUTES,
    *tokens.ROUTES,
)


def desk_of(tools: Tools, database: Database) -> Desk:
    """The use cases' tools; also for whoever loads the demo."""
    return Desk(
        database=database,
        cache=tools.cache,
        keys=tools.keys,
        hasher=Hasher(),
        recogniser=Recogniser(database),
        public_url=tools.settings.public_url,
        demo=tools.settings.demo,
    )


async def wire(tools: Tools, directory: Directory) -> Part:
    """Accounts in this process; it calls no other service."""
    del directory
    database = await tools.database("accounts")
    desk = desk_of(tools, database)
    relay = Relay(database, tools.broker, "accounts")

    async def flush() -> None:
        await forever("accounts-last-used", desk.recogniser.flush, idle=recognise.FLUSH_EVERY)

    async def post() -> None:
        await forever("accounts-outbox", relay.step, idle=IDLE)

    async def forget() -> None:
        async def step() -> timedelta | None:
            return await sweep.sweep(database)

        await forever("accounts-sweep", step, idle=sweep.IDLE)

    async def reachable() -> bool:
        try:
            async with database.reading() as reader:
                return await reader.value("SELECT true") is True
        except Expected:
            return False

    async def close() -> None:
        with suppress(Expected):
            await desk.recogniser.flush()
        desk.hasher.close()

    return Part(
        routes=ROUTES,
        offers=(desk,),
        contract=desk.recogniser,
        background={"accounts-last-used": flush},
        workers={"accounts-outbox": post, "accounts-sweep": forget},
        ready={"accounts-postgres": reachable},
        closing=(close,),
    )
