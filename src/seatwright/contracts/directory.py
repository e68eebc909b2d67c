"""All contracts a service may be given; each is answered here or by another process."""

from dataclasses import dataclass

from seatwright.contracts.accounts import Accounts
from seatwright.contracts.catalog import Catalog
from seatwright.contracts.orders import Orders
from seatwright.contracts.payments import Payments
from seatwright.contracts.reservations import Reservations


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The other services, near or far."""

    accounts: Accounts
    catalog: Catalog
    orders: Orders
    payments: Payments
    reservations: Reservations
