"""What each test token makes the gateway do."""

from dataclasses import dataclass
from typing import Literal

from seatwright.kit import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """
    How a payment with this token goes.

    `answer`: how the first authorise request is answered. `late` after some seconds' work;
    `lost_request` is never answered and nothing is done, a retry works; `lost_answer` is done
    and never answered; `fault` is a 500 for this key for ever, and nothing exists.
    `outcome`: what the payment becomes. `capture_late` is pending first, as a bank transfer is.
    `webhooks`: how its events are sent. `forged` adds one with a bad signature before each.
    """

    answer: Literal["prompt", "late", "lost_request", "lost_answer", "fault"] = "prompt"
    outcome: Literal["authorise", "decline", "challenge", "capture_late"] = "authorise"
    decline_code: str | None = None
    capture_fails: bool = False
    refund_fails: bool = False
    webhooks: Literal["prompt", "duplicated", "reversed", "never", "forged"] = "prompt"


BEHAVIOURS: dict[str, Behaviour] = {
    "tok_ok": Behaviour(),
    "tok_declined": Behaviour(outcome="decline", decline_code="card_declined"),
    "tok_insufficient_funds": Behaviour(outcome="decline", decline_code="insufficient_funds"),
    "tok_challenge": Behaviour(outcome="challenge"),
    "tok_slow_3s": Behaviour(answer="late"),
    "tok_timeout_before": Behaviour(answer="lost_request"),
    "tok_timeout_after": Behaviour(answer="lost_answer"),
    "tok_error_500": Behaviour(answer="fault"),
    "tok_capture_fails": Behaviour(capture_fails=True),
    "tok_refund_fails": Behaviour(refund_fails=True),
    "tok_auto_capture_late": Behaviour(outcome="capture_late"),
    "tok_webhook_duplicated": Behaviour(webhooks="duplicated"),
    "tok_webhook_reversed": Behaviour(webhooks="reversed"),
    "tok_webhook_never": Behaviour(webhooks="never"),
    "tok_webhook_forged": Behaviour(webhooks="forged"),
}


def behaviour(token: str) -> Behaviour:
    """The behaviour of a token, or `Invalid` with code `token_unknown`."""
    found = BEHAVIOURS.get(token)
    if found is None:
        raise errors.invalid("/token", "token_unknown", f"No test token is called {token[:40]!r}.")
    return found
