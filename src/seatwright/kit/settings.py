"""
Settings of a process, read once from the environment and checked before anything starts.

A setting that is missing, malformed or unsafe is refused by name, value and remedy. Values of
secrets are never shown.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from typing_extensions import override

from seatwright.kit.signing import MASTER_SECRET_BYTES_MIN, Keyring
from seatwright.kit.third_parties import ThirdParties, third_parties

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# One address may hold, and order, so often at once and a minute, in each process. Generous: behind
# one address may be a house, a school, or a telephone company's subscribers. Everybody who visits
# a demo comes from its own machine.
_A_MINUTE = "60"
_A_MINUTE_IN_A_DEMO = "1000000"
_A_MINUTE_MAX = 1_000_000
# Who is not logged in has no limit of an account's, only this one: so many seats of an event held
# at once from one address. A mobile network's subscribers have one between them: this is some
# seventy parties at their checkout.
_HELD_FROM_AN_ADDRESS = "200"
_HELD_FROM_AN_ADDRESS_IN_A_DEMO = "0"
_HELD_FROM_AN_ADDRESS_MAX = 100_000
_DATABASE = "DATABASE_URL_"
_FEED = "NATS_FEED_URL"
_PORT_MAX = 65_535
_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class BadSetting:
    """One refused setting, in words for the person who must change it."""

    name: str
    value: str
    remedy: str

    @override
    def __str__(self) -> str:
        return f"{self.name}={self.value or '(unset)'}: {self.remedy}"


class BadSettings(Exception):  # noqa: N818  # a list of refusals
    """Every refused setting at once, so that one round of mending is enough."""

    def __init__(self, found: list[BadSetting]) -> None:
        super().__init__("\n".join(str(bad) for bad in found))
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    What a process needs to know; engine addresses are always full by the time it is made.

    `database_urls` has an address, with a login of its own, for each service of the process.
    """

    database_urls: Mapping[str, str]
    valkey_url: str
    valkey_cache_url: str
    nats_url: str
    smtp_url: str
    mail_from: str
    gateway_url: str
    gateway_key: str
    gateway_webhook_secret: str
    public_url: str
    files: Path
    master: bytes
    holds_per_minute: int = int(_A_MINUTE)
    orders_per_minute: int = int(_A_MINUTE)
    # 0: no limit
    held_seats_per_address_max: int = int(_HELD_FROM_AN_ADDRESS)
    demo: bool = False
    log_level: str = "info"
    log_json: bool = True
    # Besides this machine; `kit.web.client.Proxies` says what for.
    trusted_proxies: tuple[Network, ...] = ()
    third: ThirdParties = field(default_factory=ThirdParties)

    def keyring(self) -> Keyring:
        """All keys of the installation."""
        return Keyring(self.master)


def database_variable(service: str) -> str:
    """The setting that says where, and by which login, a service finds its database."""
    return f"{_DATABASE}{service.upper()}"


def read(environment: Mapping[str, str], *, databases: Collection[str] = ()) -> Settings:
    """Settings, with the `databases` of these services; raises `BadSettings` naming all faults."""
    found: list[BadSetting] = []

    def url(name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        value = environment.get(name, default or "")
        if not _is_address(value, schemes):
            remedy = f"an address like {schemes[0]}://host:port"
            found.append(BadSetting(name, _beginning(value), remedy))
        return value

    def secret(name: str, default: str | None = None) -> str:
        value = environment.get(name, default or "")
        if not value:
            found.append(BadSetting(name, "", "set it to the gateway's secret"))
        return value

    demo = environment.get("SEATWRIGHT_DEMO", "") == "1"
    # The gateway's alone, and no process's; wrong it is refused by all.
    _feed(environment, found)
    valkey = url("VALKEY_URL", ("redis", "valkey"))
    settings = Settings(
        database_urls=_databases(environment, databases, url),
        valkey_url=valkey,
        valkey_cache_url=url("VALKEY_CACHE_URL", ("redis", "valkey")),
        nats_url=url("NATS_URL", ("nats",)),
        smtp_url=url("SMTP_URL", ("smtp", "smtps", "smtp+starttls")),
        mail_from=environment.get("MAIL_FROM", "Seatwright <tickets@localhost.localdomain>"),
        gateway_url=url("GATEWAY_URL", ("http", "https")),
        gateway_key=secret("GATEWAY_KEY"),
        gateway_webhook_secret=secret("GATEWAY_WEBHOOK_SECRET"),
        public_url=url("PUBLIC_URL", ("http", "https")).rstrip("/"),
        files=Path(environment.get("FILES_DIR", "files")),
        holds_per_minute=_a_minute("HOLDS_PER_MINUTE", environment, demo=demo, found=found),
        orders_per_minute=_a_minute("ORDERS_PER_MINUTE", environment, demo=demo, found=found),
        held_seats_per_address_max=_held(environment, demo=demo, found=found),
        master=_master(environment.get("SEATWRIGHT_SECRET", ""), found),
        demo=demo,
        log_level=_level(environment, found),
        log_json=environment.get("LOG_FORMAT", "json") != "text",
        trusted_proxies=_networks(environment.get("TRUSTED_PROXIES", ""), found),
        third=_third(environment, found, demo=demo),
    )
    if settings.valkey_url == settings.valkey_cache_url and valkey:
        remedy = "name a second instance: caches must never evict or fill the one with the holds"
        found.append(BadSetting("VALKEY_CACHE_URL", "same as VALKEY_URL", remedy))
    if found:
        raise BadSettings(found)
    return settings


def _third(environment: Mapping[str, str], found: list[BadSetting], *, demo: bool) -> ThirdParties:
    def complain(name: str, value: str, remedy: str) -> None:
        found.append(BadSetting(name, value, remedy))

    return third_parties(environment, demo=demo, complain=complain)


def _databases(
    environment: Mapping[str, str],
    needed: Collection[str],
    url: Callable[[str, tuple[str, ...]], str],
) -> dict[str, str]:
    named = {
        name.removeprefix(_DATABASE).lower(): value
        for name, value in environment.items()
        if name.startswith(_DATABASE) and value
    }
    return named | {one: url(database_variable(one), ("postgresql", "postgres")) for one in needed}


def trusted_proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    """`TRUSTED_PROXIES` alone, for whoever writes the gateway's configuration; `BadSettings`."""
    found: list[BadSetting] = []
    networks = _networks(environment.get("TRUSTED_PROXIES", ""), found)
    if found:
        raise BadSettings(found)
    return networks


def feed(environment: Mapping[str, str]) -> str:
    """
    `NATS_FEED_URL` as `host:port`, for whoever writes the gateway's configuration; empty when it
    is not given. Raises `BadSettings`, also where its NATS is not the one that is used.
    """
    found: list[BadSetting] = []
    place = _feed(environment, found)
    if place and not environment.get("NATS_URL"):
        remedy = "give NATS_URL as well: one NATS is told of seats and tells of them"
        found.append(BadSetting(_FEED, f"ws://{place}", remedy))
    if found:
        raise BadSettings(found)
    return place


def _feed(environment: Mapping[str, str], found: list[BadSetting]) -> str:
    value = environment.get(_FEED, "")
    address = re.fullmatch(r"ws://((?:[\w.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5}))/?", value, re.ASCII)
    if address and 0 < int(address[2]) <= _PORT_MAX:
        return str(address[1])
    if value:
        # Who comes there brings no password, and TLS ends at the gateway.
        remedy = "the WebSocket of that NATS, like ws://host:port"
        found.append(BadSetting(_FEED, _beginning(value), remedy))
    return ""


def _beginning(address: str) -> str:
    """What may be shown of an address that is refused: it may hold a password."""
    scheme, separator, _ = address.partition("://")
    return f"{scheme[:20]}://…" if separator else "(hidden)" if address else ""


def _networks(text: str, found: list[BadSetting]) -> tuple[Network, ...]:
    networks: list[Network] = []
    for word in text.replace(",", " ").split():
        try:
            network = ipaddress.ip_network(word)
        except ValueError:
            network = None
        if network is None or not network.prefixlen:
            # Everybody as a proxy means that each client says its own address.
            remedy = "addresses or networks of your proxies, like 10.0.0.5 or 10.0.0.0/24"
            found.append(BadSetting("TRUSTED_PROXIES", word[:50], remedy))
        else:
            networks.append(network)
    return tuple(networks)


def _level(environment: Mapping[str, str], found: list[BadSetting]) -> str:
    level = environment.get("LOG_LEVEL", "info").lower()
    if level not in _LEVELS:
        found.append(BadSetting("LOG_LEVEL", level, f"one of {', '.join(_LEVELS)}"))
    return level


def _held(environment: Mapping[str, str], *, demo: bool, found: list[BadSetting]) -> int:
    usual = _HELD_FROM_AN_ADDRESS_IN_A_DEMO if demo else _HELD_FROM_AN_ADDRESS
    most, name = _HELD_FROM_AN_ADDRESS_MAX, "HELD_SEATS_PER_ADDRESS_MAX"
    return _whole(name, environment, usual=usual, least=0, most=most, found=found)


def _a_minute(
    name: str, environment: Mapping[str, str], *, demo: bool, found: list[BadSetting]
) -> int:
    usual = _A_MINUTE_IN_A_DEMO if demo else _A_MINUTE
    return _whole(name, environment, usual=usual, least=1, most=_A_MINUTE_MAX, found=found)


def _whole(
    name: str,
    environment: Mapping[str, str],
    *,
    usual: str,
    least: int,
    most: int,
    found: list[BadSetting],
) -> int:
    # Empty is unset: that is how compose files pass on what nobody gave.
    text = environment.get(name, usual) or usual
    value = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
    if not least <= value <= most:
        found.append(BadSetting(name, text[:40], f"a whole number from {least} to {most}"))
    return value


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, half an IPv6 address
        return False


def _master(text: str, found: list[BadSetting]) -> bytes:
    remedy = "32 random bytes in base64: `seatwright secret` prints some"
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) < MASTER_SECRET_BYTES_MIN:
        found.append(BadSetting("SEATWRIGHT_SECRET", "(hidden)" if text else "", remedy))
    return raw
