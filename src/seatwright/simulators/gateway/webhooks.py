"""Signed notices to the merchant: at least once, again with growing pauses, for an hour."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from seatwright.kit import clock, ids
from seatwright.simulators.gateway.ledger import Fact, Ledger
from seatwright.simulators.gateway.outages import Conditions
from seatwright.simulators.gateway.post import Poster, PostError
from seatwright.simulators.gateway.tokens import behaviour

SIGNATURE_HEADER = "Seatwright-Gateway-Signature"
# Enough that five duplicates of one event travel side by side and a slow receiver
# does not stop the rest.
SENDERS = 16
DUPLICATES = 5
ANSWER_S_MAX = 10.0
FIRST_PAUSE_S = 0.5
PAUSE_S_MAX = 60.0
GIVE_UP_AFTER_S = 3600.0
# Events of a payment whose webhooks come reversed are collected for this long.
REVERSAL_S = 3.0
# A merchant that is gone for an hour of a stadium sale; beyond it the oldest are forgotten.
UNDELIVERED_MAX = 200_000


def signature(secret: str, body: bytes, *, unix_s: int) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    mac = hmac.new(secret.encode(), b"%d." % unix_s + body, hashlib.sha256)
    return f"t={unix_s},v1={mac.hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """One body to send; `event_id` is empty where no answer is waited for."""

    body: bytes
    event_id: str
    secret: str
    attempts: int = 0
    first_at: float


class Webhooks:
    """Announces events of the ledger to `url`; an empty one is nobody, no `types` are all."""

    def __init__(
        self,
        ledger: Ledger,
        conditions: Conditions,
        *,
        url: str,
        secret: str,
        types: frozenset[str] = frozenset(),
    ) -> None:
        self._ledger = ledger
        self._conditions = conditions
        self._secret = secret
        self._url = urlsplit(url)
        self._types = types
        self.listening = bool(url)
        self._parcels: asyncio.Queue[Sequence[_Letter]] = asyncio.Queue()
        self._reversing: dict[str, list[_Letter]] = {}
        self.dropped = 0

    def wants(self, event: str) -> bool:
        """Whether the merchant asked to be told of events of this type."""
        return self.listening and (not self._types or event in self._types)

    def announce(self, event_id: str) -> None:
        """Send the event soon, the way its payment's token says."""
        self._bound()
        payment, body = self._ledger.undelivered[event_id]
        way = behaviour(payment.token).webhooks
        letter = _Letter(
            body=body, event_id=event_id, secret=self._secret, first_at=clock.monotonic()
        )
        if way == "reversed":
            self._collect(payment.id, letter)
            return
        if way == "forged":
            self._after_delay(replace(letter, event_id="", secret=ids.secret()))
        self._after_delay(letter)
        if way == "duplicated":
            for _ in range(DUPLICATES - 1):
                self._after_delay(replace(letter, event_id=""))

    async def run(self) -> None:
        """Send until cancelled, beginning with what an earlier run left undelivered."""
        if not self.listening:
            return
        for event_id in list(self._ledger.undelivered):
            self.announce(event_id)
        async with asyncio.TaskGroup() as senders:
            for _ in range(SENDERS):
                senders.create_task(self._send_all())

    def _bound(self) -> None:
        undelivered = self._ledger.undelivered
        while len(undelivered) > UNDELIVERED_MAX:
            self._settle(next(iter(undelivered)))
            self.dropped += 1

    def _after_delay(self, *letters: _Letter) -> None:
        self._later(self._conditions.webhook_delay_ms / 1000, letters)

    def _later(self, delay_s: float, letters: Sequence[_Letter]) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(delay_s, self._parcels.put_nowait, letters)

    def _collect(self, payment_id: str, letter: _Letter) -> None:
        collected = self._reversing.get(payment_id)
        if collected is not None:
            collected.append(letter)
            return
        self._reversing[payment_id] = [letter]
        asyncio.get_running_loop().call_later(REVERSAL_S, self._send_reversed, payment_id)

    def _send_reversed(self, payment_id: str) -> None:
        letters = self._reversing.pop(payment_id)
        self._parcels.put_nowait(letters[::-1])

    async def _send_all(self) -> None:
        poster = Poster(self._url)
        try:
            while True:
                for letter in await self._parcels.get():
                    await self._send(poster, letter)
        finally:
            poster.close()

    async def _send(self, poster: Poster, letter: _Letter) -> None:
        if letter.event_id and letter.event_id not in self._ledger.undelivered:
            return
        unix_s = clock.unix_ms() // 1000
        signed = signature(letter.secret, letter.body, unix_s=unix_s)
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                status = await poster.post(letter.body, {SIGNATURE_HEADER: signed})
        except (PostError, OSError, TimeoutError):
            poster.close()
            status = 0
        if not letter.event_id:
            return
        if 200 <= status < 300:  # noqa: PLR2004  # every 2xx means received
            self._settle(letter.event_id)
        else:
            self._again(letter)

    def _again(self, letter: _Letter) -> None:
        if clock.monotonic() - letter.first_at > GIVE_UP_AFTER_S:
            self._settle(letter.event_id)
            self.dropped += 1
            return
        pause_s = min(PAUSE_S_MAX, FIRST_PAUSE_S * 2**letter.attempts)
        # Up to a quarter more, so that a receiver that comes back is not met all at once.
        jitter_s = pause_s * ids.chance(250) / 1000
        self._later(pause_s + jitter_s, [replace(letter, attempts=letter.attempts + 1)])

    def _settle(self, event_id: str) -> None:
        self._ledger.record(Fact(at=clock.now(), delivered=event_id))
