"""
The one table that says which targets exist and where each contract is answered.

A target is a set of services in one process. A contract is answered in the process when its
service is part of the target, by a NATS request otherwise; callers cannot tell.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import seatwright.accounts.wiring
import seatwright.catalog.wiring
import seatwright.delivery.wiring
import seatwright.entry.wiring
import seatwright.orders.wiring
import seatwright.payments.wiring
import seatwright.reservations.wiring
from seatwright.contracts.accounts import Accounts
from seatwright.contracts.catalog import Catalog
from seatwright.contracts.directory import Directory
from seatwright.contracts.orders import Orders
from seatwright.contracts.payments import Payments
from seatwright.contracts.reservations import Reservations
from seatwright.kit.process import Part, Tools
from seatwright.kit.rpc import Contract

Wire = Callable[[Tools, Directory], Awaitable[Part]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: how it is built, what it promises, which addresses it answers."""

    name: str
    wire: Wire
    contract: Contract | None
    paths: Sequence[str]


_PAYMENT_WRITES = frozenset({"authorise", "capture", "void", "refund"})
# Reads that wait for a gateway, which may take its time.
_GATEWAY_READS = frozenset({"look_up", "listed"})
_SEAT_WRITES = frozenset({"keep", "sold", "freed", "blocked"})

# Paths are tried from the top: the narrow ones of one service stand before the wide ones of
# another. `/v1/openapi.json` is answered by whichever service comes first.
SERVICES: Sequence[Service] = (
    Service(
        name="delivery",
        wire=seatwright.delivery.wiring.wire,
        contract=None,
        paths=(
            "/v1/tickets/*",
            "/v1/orders/*/tickets.pdf",
            "/v1/organisations/*/dead-letters",
            "/v1/organisations/*/dead-letters/*",
            "/v1/organisations/*/dead-letters/*/replays",
            "/v1/organisations/*/webhook-endpoints",
            "/v1/organisations/*/webhook-endpoints/*",
            "/v1/organisations/*/webhook-endpoints/*/*",
            "/v1/organisations/*/webhook-endpoints/*/deliveries/*/replays",
        ),
    ),
    Service(
        name="entry",
        wire=seatwright.entry.wiring.wire,
        contract=None,
        paths=(
            "/v1/check-ins",
            "/v1/check-ins/*",
            "/v1/events/*/attendance",
            "/v1/events/*/entry-bundle",
        ),
    ),
    Service(
        name="reservations",
        wire=seatwright.reservations.wiring.wire,
        contract=Contract.of("reservations", Reservations, writes=_SEAT_WRITES),
        paths=(
            "/v1/holds",
            "/v1/holds/*",
            "/v1/events/*/availability",
            "/v1/events/*/availability/*",
        ),
    ),
    Service(
        name="orders",
        wire=seatwright.orders.wiring.wire,
        contract=Contract.of("orders", Orders, writes=frozenset({"admitted"})),
        paths=(
            "/v1/orders",
            "/v1/orders/*",
            "/v1/me/orders",
            "/v1/idempotency",
            "/v1/idempotency/*",
            "/v1/webhooks/*",
            "/v1/organisations/*/events/*/blocks",
            "/v1/organisations/*/events/*/blocks/*",
        ),
    ),
    Service(
        name="accounts",
        wire=seatwright.accounts.wiring.wire,
        contract=Contract.of("accounts", Accounts),
        paths=(
            "/v1/accounts",
            "/v1/sessions",
            "/v1/sessions/*",
            "/v1/me",
            "/v1/me/*",
            "/v1/email-verifications",
            "/v1/email-verifications/*",
            "/v1/password-resets",
            "/v1/password-resets/*",
            "/v1/organisations/*/members",
            "/v1/organisations/*/members/*",
            "/v1/organisations/*/tokens",
            "/v1/organisations/*/tokens/*",
        ),
    ),
    Service(
        name="payments",
        wire=seatwright.payments.wiring.wire,
        contract=Contract.of("payments", Payments, writes=_PAYMENT_WRITES, patient=_GATEWAY_READS),
        paths=(),
    ),
    Service(
        name="catalog",
        wire=seatwright.catalog.wiring.wire,
        contract=Contract.of("catalog", Catalog),
        paths=("/v1/*",),
    ),
)
BY_NAME: Mapping[str, Service] = {service.name: service for service in SERVICES}
ALL = tuple(BY_NAME)

# target → services built in the process
TARGETS: Mapping[str, Sequence[str]] = {
    "all": ALL,
    "worker": ALL,
    "papers": ALL,
    **{name: (name,) for name in ALL},
}
# worker target → services whose queues it works on. Papers and mails are long work for the
# processor and may wait; captures are short and may not, so they never share a process.
WORKERS: Mapping[str, Sequence[str]] = {
    "worker": tuple(name for name in ALL if name != "delivery"),
    "papers": ("delivery",),
}
# Targets that use only the processor time nobody else wants.
GIVES_WAY = frozenset({"papers"})
