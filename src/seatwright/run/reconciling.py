"""Whether what was sold is as it was promised, and what waits for a person: for operators."""

import argparse
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from seatwright.kit import clock, limits
from seatwright.kit.errors import Invalid, Unavailable
from seatwright.kit.postgres import Database, queries
from seatwright.kit.settings import database_variable
from seatwright.orders.checking.service import INVARIANTS, Checks, Violation
from seatwright.orders.mending.service import Break, Breaks
from seatwright.run import organising, standing

# A question reads whole tables, and nobody waits for a page: much longer than a buyer would.
REPORT_PATIENCE = timedelta(minutes=5)
_LISTED_MAX = 1000


async def check(given: argparse.Namespace) -> int:
    """Every promise with `ok` or where it is broken; 1 when any is."""
    async with orders_tables(given.data.resolve(), patience=REPORT_PATIENCE) as database:
        checks = Checks(database)
        try:
            broken = await checks.violations()
            totals, open_still = await checks.totals(), await checks.unsettled()
        except Unavailable as fault:
            seconds = REPORT_PATIENCE.total_seconds()
            raise Unavailable(
                f"A question was not answered; each may take {seconds:.0f} s. Nothing is known of"
                " the others."
            ) from fault
    for invariant in INVARIANTS:
        print("\n".join(_verdict(invariant, [v for v in broken if v.invariant == invariant])))
    print(f"{totals.paid} paid orders with {totals.tickets} tickets that open a gate.")
    print(
        f"On their way: {open_still.paying} payments, {open_still.uncaptured} captures,"
        f" {open_still.outbox} messages."
    )
    names = {one.invariant for one in broken}
    print(
        f"{len(names)} of {len(INVARIANTS)} promises are broken." if names else "All of it holds."
    )
    return 1 if names else 0


def _verdict(invariant: str, broken: Sequence[Violation]) -> Iterable[str]:
    said = _sentence(invariant)
    if not broken:
        yield f"ok   {said}"
        return
    yield f"BAD  {said}"
    for one in broken:
        yield f"       event {_plain(one.event)}: {_plain(one.what)}"


def _sentence(invariant: str) -> str:
    """What the question itself says that it asks: the comment above it."""
    lines = queries("seatwright.orders.checking")[invariant].splitlines()
    return " ".join(line.removeprefix("-- ") for line in lines if line.startswith("-- "))


async def breaks(given: argparse.Namespace) -> int:
    """List differences, or end one by the operator's word."""
    data = given.data.resolve()
    async with orders_tables(data, patience=limits.POSTGRES_STATEMENT) as database:
        if given.action == "end":
            ended = await _end(Breaks(database), given.number, given.why)
            print(f"{ended.kind} {ended.id} is ended: {ended.mended_why}")
            return 0
        found = await Breaks(database).listed(ended=given.all, at_most=_LISTED_MAX + 1)
    for one in found[-_LISTED_MAX:]:
        print(_line(one))
    open_still = sum(one.mended_at is None for one in found[-_LISTED_MAX:])
    print(f"{open_still} open breaks")
    if len(found) > _LISTED_MAX:
        print(f"These are the latest {_LISTED_MAX}; there are older ones.")
    return 0


async def _end(differences: Breaks, number: int, why: str) -> Break:
    try:
        return await differences.end(number, why=why)
    except Invalid as refusal:
        raise organising.as_options(refusal, why="--why") from refusal


def _line(one: Break) -> str:
    known = (one.event, one.order, one.reference, one.detail)
    told = [str(one.id), one.kind, clock.rfc3339(one.found_at), *(_plain(part) for part in known)]
    if one.mended_at is not None:
        told.append(f"mended {clock.rfc3339(one.mended_at)}")
        told.append(_plain(one.mended_why or "by itself"))
    return "\t".join(told)


def _plain(text: str | None) -> str:
    # Some of it is what others wrote at a gateway: it must not move the cursor, nor look like a
    # line or column of ours.
    return "".join(sign if sign.isprintable() else "?" for sign in text or "-")


@asynccontextmanager
async def orders_tables(data: Path, *, patience: timedelta) -> AsyncIterator[Database]:
    """The tables of orders, by their service's own login or as the owner; raises `Unavailable`."""
    settings = standing.settings_of(data)
    own = database_variable("orders")
    setting = own if settings.get(own) else "DATABASE_URL"
    url = settings.get(own) or standing.database_of(settings, data)
    with standing.reaching_database(setting):
        opened = await Database.connect(url, service="orders", connections_max=1, patience=patience)
        try:
            yield opened
        finally:
            await opened.close()
