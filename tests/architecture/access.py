"""
Who may use which route: one policy for each, and what it answers to each kind of asker.

A route that is not in `POLICIES` may be used by nobody, which is to say: a test fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seatwright.accounts.domain.roles import SCOPES_OF_TOKENS_MAX

IN = "in"
# Codes that say: not you. Every other refusal is about what was asked for.
UNKNOWN, BEYOND, NO_PERSON = "unauthenticated", "scope_missing", "person_required"
HIDDEN = frozenset({"organisation_not_found", "not_found", "event_not_found", "order_not_found"})
DENIALS = HIDDEN | {UNKNOWN, BEYOND, NO_PERSON, "bad_signature", "paper_not_found"}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Somebody who asks: `scopes` in the organisation that is asked about, or in `rival`."""

    name: str
    person: bool = False
    token: bool = False
    forged: bool = False
    order_secret: bool = False
    signs: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    rival: bool = False

    @property
    def guest(self) -> bool:
        return not (self.person or self.token)

    def holds(self, *scopes: str) -> bool:
        """Any of them, here."""
        return not self.rival and bool(self.scopes & set(scopes))


KINDS = (
    Kind(name="guest"),
    Kind(name="guest with the order's secret", order_secret=True),
    Kind(name="gateway", signs=True),
    Kind(name="customer", person=True),
    Kind(name="owner", person=True, scopes=SCOPES_OF_TOKENS_MAX | {"members:write"}),
    Kind(name="forged token", token=True, forged=True),
    Kind(
        name="scanner", token=True, scopes=frozenset({"catalog:read", "entry:scan", "entry:read"})
    ),
    Kind(name="rival's token", token=True, scopes=SCOPES_OF_TOKENS_MAX, rival=True),
    *(
        Kind(name=f"token with {scope}", token=True, scopes=frozenset({scope}))
        for scope in sorted(SCOPES_OF_TOKENS_MAX)
    ),
)
Policy = Callable[[Kind], str]


def public(_kind: Kind) -> str:
    """Everybody, and nobody is asked who they are; or a secret in the path is judged."""
    return IN


def known(kind: Kind) -> str:
    """Whoever has a log-in or a token."""
    return UNKNOWN if kind.guest or kind.forged else IN


def person(kind: Kind) -> str:
    """Only people: it is about an account."""
    return known(kind) if kind.guest or kind.forged or kind.person else NO_PERSON


def own_orders(kind: Kind) -> str:
    """Only people: tokens have no orders of their own to list."""
    return IN if kind.person else UNKNOWN


def recognised(kind: Kind) -> str:
    """Everybody, as themselves: it is about what one did oneself."""
    return UNKNOWN if kind.forged else IN


def buyer(kind: Kind) -> str:
    """Guests and people; a token with the scope for it, of whatever organisation."""
    if kind.token and not kind.forged and "orders:write" not in kind.scopes:
        return BEYOND
    return recognised(kind)


def order_reader(kind: Kind) -> str:
    """Whoever has the order's secret, and the organisation that sold it."""
    if kind.forged or kind.order_secret or kind.holds("orders:read"):
        return recognised(kind)
    return "order_not_found"


def order_payer(kind: Kind) -> str:
    """Whoever has the order's secret; a token must be one that buys before that counts."""
    if buyer(kind) != IN or kind.order_secret:
        return buyer(kind)
    return "order_not_found"


def signed_link(_kind: Kind) -> str:
    """A signed grant in the address; nothing else opens it."""
    return "paper_not_found"


def gateway(kind: Kind) -> str:
    """A signature by the payment gateway over the body; nothing else counts."""
    return IN if kind.signs else "bad_signature"


def gate(kind: Kind) -> str:
    """Whoever may scan for the event that is named."""
    return "event_not_found" if scanner(kind) == IN and kind.rival else scanner(kind)


def scanner(kind: Kind) -> str:
    """Whoever may scan anywhere; for which events is judged ticket by ticket."""
    return BEYOND if known(kind) == IN and "entry:scan" not in kind.scopes else known(kind)


def organiser(*scopes: str, hidden: str = "not_found") -> Policy:
    """Whoever holds one of the scopes in the organisation; to all others it does not exist."""

    def policy(kind: Kind) -> str:
        return hidden if known(kind) == IN and not kind.holds(*scopes) else known(kind)

    return policy


def blocker(kind: Kind) -> str:
    """As an organiser, but to guests too the event does not exist."""
    may = kind.forged or kind.holds("reservations:write")
    return recognised(kind) if may else "event_not_found"


CATALOG_READ = organiser("catalog:read", "catalog:write")
CATALOG_WRITE = organiser("catalog:write")
MEMBERS = organiser("members:write", hidden="organisation_not_found")
TOKENS = organiser("tokens:write", hidden="organisation_not_found")
ENTRY_READ = organiser("entry:scan", "entry:read", hidden="event_not_found")
ORG = "/v1/organisations/{org}"
BLOCKS = "/v1/organisations/{organisation}/events/{event_id}/blocks"

HOOKS = f"{ORG}/webhook-endpoints"
HOOK_KEEPER = organiser("delivery:write")

POLICIES: Mapping[str, Policy] = {
    "POST /v1/accounts": public,
    "GET /v1/charts/{chart}": public,
    "POST /v1/check-ins": gate,
    "POST /v1/check-ins/batch": scanner,
    "POST /v1/email-verifications": public,
    "PUT /v1/email-verifications/{token}": public,
    "GET /v1/events": public,
    "GET /v1/events/{event_id}": public,
    "GET /v1/events/{event_id}.ics": public,
    "GET /v1/events/{event_id}/attendance": ENTRY_READ,
    "GET /v1/events/{event_id}/availability": public,
    "GET /v1/events/{event_id}/availability/changes": public,
    "GET /v1/events/{event_id}/chart": public,
    "GET /v1/events/{event_id}/entry-bundle": ENTRY_READ,
    "POST /v1/holds": buyer,
    "DELETE /v1/holds/{hold_id}": buyer,
    "GET /v1/holds/{hold_id}": buyer,
    "POST /v1/holds/{hold_id}/extensions": buyer,
    "GET /v1/idempotency": recognised,
    "GET /v1/idempotency/{key}": recognised,
    "GET /v1/images/{name}": public,
    "DELETE /v1/me": person,
    "GET /v1/me": known,
    "PATCH /v1/me": person,
    "GET /v1/me/export": person,
    "GET /v1/me/orders": own_orders,
    "POST /v1/orders": buyer,
    "GET /v1/orders/{code}": order_reader,
    "POST /v1/orders/{code}/payments": order_payer,
    "GET /v1/orders/{code}/tickets": order_reader,
    "GET /v1/orders/{code}/tickets.pdf": signed_link,
    f"POST {BLOCKS}": blocker,
    f"POST {BLOCKS}/releases": blocker,
    f"GET {ORG}": CATALOG_READ,
    f"PATCH {ORG}": CATALOG_WRITE,
    f"GET {ORG}/charts": CATALOG_READ,
    f"POST {ORG}/charts": CATALOG_WRITE,
    f"GET {ORG}/charts/{{chart_id}}": CATALOG_READ,
    f"GET {ORG}/charts/{{chart_id}}/draft": CATALOG_READ,
    f"PUT {ORG}/charts/{{chart_id}}/draft": CATALOG_WRITE,
    f"POST {ORG}/charts/{{chart_id}}/publications": CATALOG_WRITE,
    f"GET {ORG}/events": CATALOG_READ,
    f"POST {ORG}/events": CATALOG_WRITE,
    f"GET {ORG}/events/{{event_id}}": CATALOG_READ,
    f"PATCH {ORG}/events/{{event_id}}": CATALOG_WRITE,
    f"POST {ORG}/events/{{event_id}}/cancellations": CATALOG_WRITE,
    f"POST {ORG}/events/{{event_id}}/pauses": CATALOG_WRITE,
    f"POST {ORG}/events/{{event_id}}/publications": CATALOG_WRITE,
    f"POST {ORG}/events/{{event_id}}/resumptions": CATALOG_WRITE,
    f"GET {ORG}/members": MEMBERS,
    f"POST {ORG}/members": MEMBERS,
    f"DELETE {ORG}/members/{{member_id}}": MEMBERS,
    f"GET {ORG}/tokens": TOKENS,
    f"POST {ORG}/tokens": TOKENS,
    f"DELETE {ORG}/tokens/{{token_id}}": TOKENS,
    f"GET {ORG}/venues": CATALOG_READ,
    f"POST {ORG}/venues": CATALOG_WRITE,
    f"GET {ORG}/venues/{{venue_id}}": CATALOG_READ,
    f"PATCH {ORG}/venues/{{venue_id}}": CATALOG_WRITE,
    f"GET {ORG}/dead-letters": HOOK_KEEPER,
    f"DELETE {ORG}/dead-letters/{{letter_id}}": HOOK_KEEPER,
    f"POST {ORG}/dead-letters/{{letter_id}}/replays": HOOK_KEEPER,
    f"GET {HOOKS}": HOOK_KEEPER,
    f"POST {HOOKS}": HOOK_KEEPER,
    f"DELETE {HOOKS}/{{endpoint_id}}": HOOK_KEEPER,
    f"GET {HOOKS}/{{endpoint_id}}": HOOK_KEEPER,
    f"PATCH {HOOKS}/{{endpoint_id}}": HOOK_KEEPER,
    f"GET {HOOKS}/{{endpoint_id}}/deliveries": HOOK_KEEPER,
    f"POST {HOOKS}/{{endpoint_id}}/deliveries/{{delivery_id}}/replays": HOOK_KEEPER,
    f"POST {HOOKS}/{{endpoint_id}}/secrets": HOOK_KEEPER,
    "POST /v1/password-resets": public,
    "PUT /v1/password-resets/{token}": public,
    "DELETE /v1/sessions": person,
    "GET /v1/sessions": person,
    "POST /v1/sessions": public,
    "DELETE /v1/sessions/current": public,
    "DELETE /v1/sessions/{session_id}": person,
    "GET /v1/tickets/{ticket}.ics": signed_link,
    "GET /v1/tickets/{ticket}.pdf": signed_link,
    "GET /v1/tickets/{ticket}.pkpass": signed_link,
    "GET /v1/tickets/{ticket}.png": signed_link,
    "GET /v1/tickets/{ticket}/google-wallet": signed_link,
    "POST /v1/webhooks/{gateway}": gateway,
}
# Tried last, in this order: they end what the others need.
ENDINGS = (
    f"POST {ORG}/events/{{event_id}}/cancellations",
    "DELETE /v1/sessions/{session_id}",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/current",
)
