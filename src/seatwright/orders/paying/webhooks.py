"""
Gateways' notices, kept once each, many in one commit.

A webhook is a hint: nothing it says is believed. It only hastens the resolver, which asks the
gateway itself (`correctness.md` 0.15).
"""

import msgspec

from seatwright.contracts.payments import Notice
from seatwright.kit import crash, signing
from seatwright.kit.lanes import Lane
from seatwright.kit.log import log, note
from seatwright.orders.domain.refusals import WebhookChanged
from seatwright.orders.paying.store import PayingStore, StoredWebhook

_stored = crash.declare("after_webhook_stored", "a notice is durable, its gateway has no answer")


class Webhooks:
    """The use case."""

    def __init__(self, store: PayingStore) -> None:
        self._store = store
        self._lane: Lane[tuple[Notice, bytes], StoredWebhook] = Lane(
            "webhooks",
            store.store_webhooks,
            keys=lambda one: [(one[0].gateway, one[0].id)],
            batches_at_once=1,
        )

    async def take(self, notice: Notice) -> None:
        """
        Make the webhook durable; its repeats change nothing.

        Raises `WebhookChanged` when one of its id has said something else before.
        """
        stored = await self._lane.submit((notice, _content_hash(notice)))
        _stored()
        note(webhook=notice.kind, fresh=stored.fresh)
        if not stored.same:
            # Signed, so the gateway's own fault, or somebody has its secret. The first one stands:
            # it was only a hint, and so is what it has led to.
            log.error("webhook_changed", webhook_id=notice.id, reference=notice.reference)
            await self._store.report_break(
                "webhook_changed", None, None, reference=f"{notice.gateway} {notice.id}",
                detail=f"came again about {notice.reference}, and says something else",
            )  # fmt: skip
            raise WebhookChanged("A notice of this id has said something else before.")
        if stored.fresh and notice.reference and not stored.known:
            # It may be another shop's with the same account; what the gateway says of it decides.
            log.info("webhook_of_unknown_payment", reference=notice.reference)


def _content_hash(notice: Notice) -> bytes:
    # Not of the bytes: a gateway may write the same again in another order, or count its tries.
    said = (
        notice.kind, notice.reference, notice.order, notice.event, notice.amount, notice.currency,
    )  # fmt: skip
    return signing.fingerprint(msgspec.msgpack.encode(said))
