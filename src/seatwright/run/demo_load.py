"""
The demonstration's organisation, venues, events and earlier sales, loaded into an installation:
by `seatwright demo` before it serves, by `seatwright demo load` into one that runs.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from seatwright.accounts.service.demo import DemoLogins, load_demo as load_logins
from seatwright.accounts.service.desk import Desk
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.demo import ORGANISATION, DemoEvent, load_demo as load_events
from seatwright.contracts.catalog import EventId
from seatwright.kit import clock
from seatwright.kit.settings import Settings, read
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.run import assembly, standing
from seatwright.run.demo_sales import import_earlier_sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """
    What is there now, loaded by this call or before.

    `logins` are None outside the demonstration: their password is printed in its manual.
    """

    events: Sequence[DemoEvent]
    logins: DemoLogins | None


async def load(settings: Settings, *, serving: bool) -> Loaded:
    """
    Load what is not there; a call that was cut short is finished by the next one.

    `serving`: others answer for these seats already, so earlier sales are shown at once and not
    when the next comparison finds them. Raises `Unavailable`.
    """
    tools = await assembly.connect(settings, name="seatwright-demo-load", connections_max=4)
    built = await assembly.assemble(tools, "all")
    try:
        events = await load_events(built.offer(Catalogue), clock.now())
        async with assembly.following(built):
            organisations = sorted({event.organisation for event in events})
            logins = None
            if settings.demo:
                logins = await load_logins(built.offer(Desk), organisations)
            sold = await import_earlier_sales(built, events)
            if serving:
                await _show(built, sold)
    finally:
        await built.close()
    return Loaded(events=events, logins=logins)


async def _show(built: assembly.Assembly, sold: Sequence[EventId]) -> None:
    rebuilding = built.offer(Rebuilding)
    for event in sold:
        await rebuilding.again(event, force=True)


async def load_into(given: argparse.Namespace) -> int:
    """Load into the installation that the environment names, else the one that runs."""
    data = given.data.resolve()
    kept = standing.settings_of(data)
    standing.database_of(kept, data)
    standing.files_of(kept)
    settings = read(kept)
    with standing.reaching_database():
        loaded = await load(settings, serving=True)
    for event in loaded.events:
        print(f"{event.slug}\t{event.state}\t{event.seat_count} places")
    print(f"{len(loaded.events)} events of {ORGANISATION.name} at {settings.public_url}")
    if loaded.logins is None:
        print(
            "Nobody can log in for them by this. Appoint an owner:\n"
            f"  seatwright organisation appoint {ORGANISATION.slug} --owner ADDRESS"
        )
    else:
        print(f"Organiser: {loaded.logins.email}  {loaded.logins.password}")
    return 0
