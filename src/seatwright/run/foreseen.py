"""What the environment gives is judged before anything is started, migrated or written."""

from collections.abc import Mapping, Sequence

from seatwright.kit.settings import BadSetting, BadSettings, database_variable, read
from seatwright.run.logins import SERVICES
from seatwright.run.secrets import new_master

_LOGINS = tuple(map(database_variable, SERVICES))
# What an installation finds out or makes by itself; here only so that the rest can be read.
_BY_ITSELF = {
    **dict.fromkeys(_LOGINS, "postgresql://database"),
    "VALKEY_URL": "valkey://holds",
    "VALKEY_CACHE_URL": "valkey://cache",
    "NATS_URL": "nats://broker",
    "SMTP_URL": "smtp://mail",
    "GATEWAY_URL": "http://gateway",
    "GATEWAY_KEY": "key",
    "GATEWAY_WEBHOOK_SECRET": "secret",
    "PUBLIC_URL": "http://tickets",
}


def refuse(environment: Mapping[str, str], *, needed: Sequence[str] = ()) -> None:
    """
    Raises `BadSettings` with everything given that cannot be used, and everything `needed` that
    is not given.
    """
    found = [
        BadSetting(name, "", "set it; `seatwright demo` needs none")
        for name in needed
        if not environment.get(name)
    ]
    itself = {**_BY_ITSELF, "SEATWRIGHT_SECRET": new_master()}
    # Empty is unset, and logins at a database that is not named are not used.
    unused = () if environment.get("DATABASE_URL") else _LOGINS
    given = {
        name: value
        for name, value in environment.items()
        if name not in unused and (value or name not in itself)
    }
    try:
        read({**itself, **given}, databases=SERVICES)
    except BadSettings as bad:
        found += bad.found
    if found:
        raise BadSettings(found)
