"""
Codes that move: a ticket's signed content, and which moment its holder's phone showed it.

`SW2.` + base64url(content + signature) + `.` + base64url(step + proof). The first part is as in
`ticket_codes`, signed under a domain of its own, so that neither can be made of the other. The
step counts fifteen seconds since 1970, and the proof is HMAC-SHA256 of the step, cut to eight
bytes, as in TOTP (RFC 6238). A phone makes proofs from its ticket's seed, without a network; a gate
makes every seed of its event from the event's key. A picture of the code is worthless soon, and
whoever steals a gate's key still lacks the signature of every ticket.
"""

import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import TicketId
from seatwright.contracts.ticket_codes import BadTicketCode, TicketCode
from seatwright.kit import signing

PREFIX = "SW2."
DOMAIN = b"seatwright ticket-code 2\x00"
PURPOSE = "moving-code/2"
STEP = timedelta(seconds=15)
_STEP_BYTES, _PROOF_BYTES = 4, 8
_CODE_CHARS_MAX = 560


@dataclass(frozen=True, slots=True)
class Window:
    """How many steps a code may lie behind the gate's clock, and ahead of it."""

    past: int
    ahead: int


# Who is asked online has the server's clock, and so has the phone, nearly: half a minute to get the
# phone under the scanner, and a phone that runs a little fast.
ONLINE = Window(past=2, ahead=1)
# A gate without a network goes by its own clock, and so may the phone: two minutes either way.
OFFLINE = Window(past=8, ahead=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingCode:
    """A code of this kind, taken apart; nothing of it is verified yet."""

    content: TicketCode
    signed: bytes
    signature: bytes
    step: int
    proof: bytes


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a phone needs to show a ticket's code at any moment.

    The code is `stem` + `.` + base64url(step as four bytes, most significant first, + the first
    eight bytes of HMAC-SHA256(`seed`, the same four bytes)).
    """

    stem: str
    seed: str
    step_s: int


def step_at(at: datetime) -> int:
    """The step that an instant lies in; each begins on a whole multiple of `STEP`."""
    return int(at.timestamp() // STEP.total_seconds())


def judge(step: int, at: datetime, window: Window) -> Literal["early", "late"] | None:
    """Whether the gate's clock is still, or already, near the step of a code."""
    now = step_at(at)
    if step < now - window.past:
        return "late"
    return "early" if step > now + window.ahead else None


def event_key(keys: signing.Keyring, event: EventId) -> bytes:
    """The key that a gate of the event makes every ticket's seed from."""
    return hmac.digest(keys.key(PURPOSE), event.encode(), "sha256")


def seed(key: bytes, ticket: TicketId, seq: int) -> bytes:
    """The seed of a ticket's code; one with a newer `seq` has another."""
    return hmac.digest(key, msgspec.msgpack.encode((ticket, seq)), "sha256")


def moving(keys: signing.Keyring, content: TicketCode) -> Moving:
    """What the holder of this ticket is given."""
    body = msgspec.msgpack.encode(content)
    key = keys.ed25519(ticket_codes.purpose(content.event, content.key_id))
    own = seed(event_key(keys, content.event), content.ticket, content.seq)
    return Moving(
        stem=PREFIX + signing.b64(body + key.sign(DOMAIN + body)),
        seed=signing.b64(own),
        step_s=int(STEP.total_seconds()),
    )


def shown(given: Moving, at: datetime) -> str:
    """The code as a phone shows it at that moment."""
    raw = struct.pack(">I", step_at(at))
    return f"{given.stem}.{signing.b64(raw + _proof(signing.unb64(given.seed), raw))}"


def read(text: str) -> MovingCode:
    """A code of this kind, unverified; raises `BadTicketCode`."""
    stem, dot, moment = text.removeprefix(PREFIX).partition(".")
    if not text.startswith(PREFIX) or not dot or len(text) > _CODE_CHARS_MAX:
        raise BadTicketCode("This is not a moving Seatwright ticket.")
    content, signed, signature = ticket_codes.read(ticket_codes.PREFIX + stem)
    try:
        raw = signing.unb64(moment)
    except ValueError:
        raise BadTicketCode("This ticket's code is damaged.") from None
    if len(raw) != _STEP_BYTES + _PROOF_BYTES:
        raise BadTicketCode("This ticket's code is damaged.")
    (step,) = struct.unpack(">I", raw[:_STEP_BYTES])
    return MovingCode(
        content=content, signed=signed, signature=signature, step=step, proof=raw[_STEP_BYTES:]
    )


def verify(keys: signing.Keyring, text: str) -> tuple[TicketCode, int]:
    """
    Content and step of a code that was issued and shown by its holder; raises `BadTicketCode`.

    Whether the step is near enough is `judge`'s to say.
    """
    code = read(text)
    if code.content.key_id not in ticket_codes.KEY_IDS:
        raise BadTicketCode("This ticket was not issued here.")
    purpose = ticket_codes.purpose(code.content.event, code.content.key_id)
    ticket_codes.verify_signature(
        keys.ed25519(purpose).public_key(), code.signature, DOMAIN + code.signed
    )
    own = seed(event_key(keys, code.content.event), code.content.ticket, code.content.seq)
    if not hmac.compare_digest(_proof(own, struct.pack(">I", code.step)), code.proof):
        raise BadTicketCode("This code was not shown by its ticket's phone.")
    return code.content, code.step


def without_moment(text: str) -> str:
    """What all codes of one ticket have in common; any text may be given."""
    return text.rpartition(".")[0] if text.startswith(PREFIX) else text


def _proof(seed_of_ticket: bytes, raw_step: bytes) -> bytes:
    return hmac.digest(seed_of_ticket, raw_step, "sha256")[:_PROOF_BYTES]
