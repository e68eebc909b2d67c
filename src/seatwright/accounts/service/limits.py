"""How often things may be tried: by address and by account, each on its own."""

from datetime import timedelta

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.contracts.accounts import PersonId
from seatwright.kit.rates import Rate, take

# A family or a box office behind one address logs in freely; ten thousand pairs take days.
LOG_IN_BY_IP = Rate(burst=30, each=timedelta(seconds=2))
# Nobody mistypes more; a guesser from ten thousand addresses has sixty an hour.
LOG_IN_BY_ACCOUNT = Rate(burst=10, each=timedelta(minutes=1))
REGISTER_BY_IP = Rate(burst=20, each=timedelta(seconds=30))
# Each of these sends a mail to somebody who may not have asked for it.
LETTER_BY_IP = Rate(burst=20, each=timedelta(seconds=30))
LETTER_BY_ADDRESS = Rate(burst=5, each=timedelta(minutes=5))
LINK_BY_IP = Rate(burst=30, each=timedelta(seconds=10))


async def log_in(desk: Desk, visitor: Visitor, email: Email) -> None:
    """One attempt to log in; raises `TooMany`."""
    await take(desk.cache, "log-in-ip", visitor.ip, LOG_IN_BY_IP)
    await take(desk.cache, "log-in-account", email.key, LOG_IN_BY_ACCOUNT)


async def re_authenticate(desk: Desk, visitor: Visitor, person: PersonId) -> None:
    """One attempt to show the password again; raises `TooMany`."""
    await take(desk.cache, "log-in-ip", visitor.ip, LOG_IN_BY_IP)
    await take(desk.cache, "re-authenticate", person, LOG_IN_BY_ACCOUNT)


async def register(desk: Desk, visitor: Visitor, email: Email) -> None:
    """One registration; raises `TooMany`, whether the address is known or not."""
    await take(desk.cache, "register-ip", visitor.ip, REGISTER_BY_IP)
    await take(desk.cache, "letter-address", email.key, LETTER_BY_ADDRESS)


async def letter(desk: Desk, visitor: Visitor, email: Email) -> None:
    """One mail to an address; raises `TooMany`, whether it is known or not."""
    await take(desk.cache, "letter-ip", visitor.ip, LETTER_BY_IP)
    await take(desk.cache, "letter-address", email.key, LETTER_BY_ADDRESS)


async def link(desk: Desk, visitor: Visitor) -> None:
    """One mailed link followed; raises `TooMany`."""
    await take(desk.cache, "link-ip", visitor.ip, LINK_BY_IP)
