"""
The gateway's own list against ours, and giving back what no sale came of (jobs R2 and R4).

A webhook is a hint that may never come, so the list is read as well: each payment is compared
some minutes after it was made, once more after an hour, and after a day. Any number of processes
may do this: windows and strays are leased, pages small, and every effect is idempotent.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from seatwright.contracts.payments import (
    GatewayName,
    GatewayPage,
    GatewayPayment,
    PaymentReference,
    Payments,
)
from seatwright.kit import telemetry
from seatwright.kit.log import log
from seatwright.orders.comparing.store import Break, ComparingStore, Stray, Window
from seatwright.orders.domain.comparing import Finding, Ours, judge
from seatwright.orders.domain.looking import rest_between
from seatwright.orders.paying.giving_back import MONEY_WITHOUT_SALE, GiveBack

# Gateways that keep a list. What is free of charge has none.
GATEWAYS = (GatewayName("simulated"),)
# How old a payment is when each pass comes to it. Before the first its buyer is mostly still
# waiting; the last finds authorisations that nobody captured (R4).
PASSES = {
    "soon": timedelta(minutes=2),
    "later": timedelta(hours=1),
    "last": timedelta(hours=24),
}
WINDOW_LEAST = timedelta(seconds=30)
# Between pages of a step nobody else may take the window; a page has one call and one commit.
PAGE_LEASE = timedelta(seconds=60)
PAGES_AT_ONCE = 20
BETWEEN_STEPS = timedelta(seconds=1)
STRAYS_AT_ONCE = 20
STRAY_TIME = timedelta(seconds=50)
STRAY_LEASE = timedelta(seconds=60)
STRAY_FIRST_REST = timedelta(seconds=5)
STRAY_REST_MAX = timedelta(minutes=10)
UNKNOWN_PAYMENT = "unknown_payment"
SALE_WITHOUT_MONEY = "sale_without_money"
_DIFFERENCES = (SALE_WITHOUT_MONEY, UNKNOWN_PAYMENT)
_OVER = (*_DIFFERENCES, MONEY_WITHOUT_SALE)

_LAG = telemetry.gauge(
    "gateway_comparison_lag_seconds", "Age of the end of what is compared", "gateway", "pass"
)


class Comparer:
    """Reads gateways' lists, pass by pass."""

    def __init__(self, *, store: ComparingStore, payments: Payments, shop: str) -> None:
        self._store = store
        self._payments = payments
        self._shop = shop

    async def step(self) -> timedelta | None:
        """Some pages of every pass."""
        unfinished = False
        for gateway in GATEWAYS:
            for passing, ago in PASSES.items():
                unfinished |= await self._go_on(gateway, passing, ago)
        for (name, passing), seconds in (await self._store.lag()).items():
            _LAG.labels(name, passing).set(seconds)
        return BETWEEN_STEPS if unfinished else None

    async def _go_on(self, gateway: GatewayName, passing: str, ago: timedelta) -> bool:
        for _ in range(PAGES_AT_ONCE):
            window = await self._store.window(
                gateway, passing, ago=ago, least=WINDOW_LEAST, lease=PAGE_LEASE
            )
            if window is None:
                return False
            await self._page(window)
        return True

    async def _page(self, window: Window) -> None:
        page = await self._payments.listed(
            gateway=GatewayName(window.gateway),
            since=window.since,
            before=window.before,
            cursor=window.cursor,
        )
        ours = await self._store.ours([one.reference for one in page.items])
        found = {
            one.reference: judge(one, ours.get(one.reference), shop=self._shop)
            for one in page.items
        }
        for one in page.items:
            if found[one.reference] == "differs":
                found[one.reference] = await self._again(window, one.reference)
        await self._store.compared(
            window,
            # Money of an order that we do not have stays where it is until a person says so: to a
            # copy of the database, all that was sold since it was taken looks like that.
            strays={name: timedelta(0) for name, finding in found.items() if finding == "stray"},
            breaks=_breaks(page, ours, found),
            mended=(_DIFFERENCES, _agreed(page, found)),
            cursor=page.next,
            lease=timedelta(0),
        )

    async def _again(self, window: Window, reference: PaymentReference) -> Finding:
        # A capture may have come between the gateway's list and ours, so both are asked once more.
        theirs = await self._payments.look_up(
            gateway=GatewayName(window.gateway), reference=reference
        )
        ours = (await self._store.ours([reference])).get(reference)
        finding = judge(theirs, ours, shop=self._shop)
        # What is not known neither differs nor agrees.
        return finding if theirs.standing != "in_doubt" else "open"


class Strays:
    """Looks at single payments, and gives back what no sale came of."""

    def __init__(self, *, store: ComparingStore, payments: Payments, shop: str) -> None:
        self._store = store
        self._payments = payments
        self._back = GiveBack(payments)
        self._shop = shop

    async def step(self) -> timedelta | None:
        """Look at every stray whose time has come."""
        due = await self._store.due(STRAYS_AT_ONCE, STRAY_LEASE)
        await asyncio.gather(*(self._look_and_rest(one) for one in due))
        return timedelta(0) if len(due) == STRAYS_AT_ONCE else None

    async def _look_and_rest(self, stray: Stray) -> None:
        mended: Sequence[str] | None = None
        try:
            async with asyncio.timeout(STRAY_TIME.total_seconds()):
                mended = await self._look(stray)
        except Exception as fault:  # noqa: BLE001  # one stray must not keep the others waiting
            log.warning("stray_not_settled", reference=stray.reference, fault=repr(fault))
        if mended is not None:
            await self._store.end(stray, mended)
            return
        await self._store.rest(stray, rest_between(STRAY_FIRST_REST, STRAY_REST_MAX, stray.looks))

    async def _look(self, stray: Stray) -> Sequence[str] | None:
        """The kinds of breaks that are mended by what was seen or done; None: look again."""
        gateway, reference = GatewayName(stray.gateway), PaymentReference(stray.reference)
        theirs = await self._payments.look_up(gateway=gateway, reference=reference)
        ours = (await self._store.ours([reference])).get(reference)
        finding = judge(theirs, ours, shop=self._shop)
        if finding not in {"stray", "unknown"}:
            # Open again, sold after all, another shop's, or gone: nobody needs help from here.
            if finding == "differs":
                await self._store.report([_break(theirs, ours, finding)])
                return (MONEY_WITHOUT_SALE, UNKNOWN_PAYMENT)
            return _OVER if theirs.standing != "in_doubt" or finding == "open" else None
        if theirs.standing == "in_doubt":
            return None
        await self._store.report([_break(theirs, ours, finding)])
        log.error("money_without_sale", reference=reference, standing=theirs.standing)
        if finding == "unknown" and stray.hinted:
            return ()  # as the comparer: a person must say that it is not of a later sale
        back = await self._back.everything(gateway, reference, theirs)
        return _OVER if back else None


def _breaks(
    page: GatewayPage, ours: dict[str, Ours], found: dict[PaymentReference, Finding]
) -> list[Break]:
    return [
        _break(one, ours.get(one.reference), found[one.reference])
        for one in page.items
        if found[one.reference] in {"stray", "unknown", "differs"}
    ]


def _agreed(page: GatewayPage, found: dict[PaymentReference, Finding]) -> list[str]:
    return [
        one.reference
        for one in page.items
        if found[one.reference] == "agrees" and one.standing != "in_doubt"
    ]


def _break(theirs: GatewayPayment, ours: Ours | None, finding: Finding) -> Break:
    kinds = {"unknown": UNKNOWN_PAYMENT, "differs": SALE_WITHOUT_MONEY}
    state = "not known" if ours is None else ours.state
    return Break(
        kind=kinds.get(finding, MONEY_WITHOUT_SALE),
        event=theirs.event if ours is None else ours.event,
        order=theirs.order if ours is None else ours.order,
        reference=theirs.reference,
        detail=f"the gateway says {theirs.standing}, here it is {state}",
    )
