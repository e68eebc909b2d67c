"""The logins of services at a database of the tests'."""

from seatwright.run import logins

# Roles belong to the server, and tests share one: everywhere the same, nobody locks another out.
PASSWORD = "four muddy boots"


def own_logins(url: str) -> dict[str, str]:
    """Service → its address at the database of the owner's; `migrations` makes them true."""
    return logins.addresses(url, dict.fromkeys(logins.SERVICES, PASSWORD))
