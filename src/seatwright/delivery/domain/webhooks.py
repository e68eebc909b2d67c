"""
Outgoing webhooks, as Standard Webhooks has them (https://www.standardwebhooks.com).

What is sent is `{"type", "timestamp", "data"}`; the headers `webhook-id`, `webhook-timestamp` and
`webhook-signature` let a receiver know that it is ours, new, and the same one again.
"""

import base64
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from seatwright.kit.signing import Keyring, digest_hex

KINDS = (
    "event.published",
    "event.changed",
    "event.cancelled",
    "order.paid",
    "order.cancelled",
    "order.refunded",
    "ticket.admitted",
)
URL_CHARS_MAX = 2000
ENDPOINTS_MAX = 20
# The receiver's pauses: a deployment, an evening, a week-end; 75 hours in all.
BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# An endpoint that nothing has reached for so long is switched off.
FAILING_MAX = timedelta(days=3)
# So long the secret of before signs beside a new one.
SECRETS_OVERLAP = timedelta(days=1)
PURPOSE = "webhook-secret/1"
_GOOD = range(200, 300)
# Addresses that are translated into others, so what is behind them cannot be seen.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))
# Not everybody's, though the library's tables have them as global: what relays 6to4, a cloud's own
# host, documentation (RFC 7526, RFC 9637).
_RESERVED = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "168.63.129.16/32", "3fff::/20")))
# No mail server, no remote shell: what is below these is not a receiver of webhooks.
_PORT_MIN, _WEB_PORTS = 1024, (80, 443)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one attempt; `status` None when no answer came, `reason` says why it failed."""

    status: int | None
    reason: str | None

    @property
    def sent(self) -> bool:
        """Whether the receiver has it."""
        return self.reason is None and self.status in _GOOD


def message_id(organisation: str, kind: str, key: str) -> str:
    """The id of what happened: told twice it is the same."""
    return f"msg_{digest_hex('webhook', organisation, kind, key)[:32]}"


def body(kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    """What is sent, the same at every attempt."""
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": kind, "timestamp": stamp, "data": data})


def secret(keys: Keyring, endpoint: str, generation: int) -> str:
    """The secret that a receiver is given: `whsec_` and base64, as the standard has it."""
    return f"whsec_{base64.b64encode(_key(keys, endpoint, generation)).decode()}"


def headers(
    keys: Keyring, *, endpoint: str, generations: tuple[int, ...], message: str, at: datetime,
    content: bytes,
) -> dict[str, str]:  # fmt: skip
    """The headers of an attempt at an instant, signed with each of the secrets."""
    stamp = str(int(at.timestamp()))
    signed = f"{message}.{stamp}.".encode() + content
    signatures = []
    for generation in generations:
        mac = hmac.digest(_key(keys, endpoint, generation), signed, "sha256")
        signatures.append(f"v1,{base64.b64encode(mac).decode()}")
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "Seatwright-Webhooks/1",
    }


def generations(newest: int, rotated_at: datetime | None, now: datetime) -> tuple[int, ...]:
    """The secrets that sign at `now`: the newest, and for a day the one before."""
    if rotated_at is not None and newest > 1 and now - rotated_at < SECRETS_OVERLAP:
        return (newest, newest - 1)
    return (newest,)


def again_in(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts have failed; None: no more."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None


def url_problem(url: str, *, private: bool) -> str | None:
    """What is wrong with an address; None when it may be tried."""
    try:
        parts = urlsplit(url)
        port = parts.port or (_WEB_PORTS[0] if parts.port is None else 0)
        sound = bool(parts.hostname) and (port in _WEB_PORTS or port >= _PORT_MIN)
    except ValueError:
        return "an address like https://example.org/hooks"
    if len(url) > URL_CHARS_MAX or not url.isascii() or not url.isprintable() or " " in url:
        return "an address of ASCII characters"
    if not sound or parts.scheme not in ({"https", "http"} if private else {"https"}):
        return "an address like https://example.org/hooks"
    if parts.username or parts.password or parts.fragment:
        return "an address without a log-in and a fragment"
    host = parts.hostname or ""
    literal = _literal(host)
    if literal is not None and not (private or permitted(literal)):
        return "an address that the whole Internet reaches"
    return None


def permitted(address: str) -> bool:
    """Whether a request may go to this IP address: it is everybody's, not this network's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.is_site_local:
            return False
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in network for network in _TRANSLATED):
            return False
    if any(found in network for network in _RESERVED if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _key(keys: Keyring, endpoint: str, generation: int) -> bytes:
    return hmac.digest(keys.key(PURPOSE), f"{endpoint}/{generation}".encode(), "sha256")
