"""
A payment gateway that behaves like a real one, with a ledger of its own.

HTTP, JSON, `Authorization: Bearer <api key>`; amounts are integers of the currency's smallest
unit; errors are `{"error": {"code", "message"}}`. `Idempotency-Key` on every POST under /v1:
the same key and body gives the first answer again (header `Idempotent-Replayed: true`), a key
in flight or with another body is 409 (`in_progress` with Retry-After, `idempotency_mismatch`).

    POST /v1/payments                 201 payment   {reference, amount, currency, token, metadata,
                                                     return_url, capture: manual | automatic}
    POST /v1/payments/{id}/captures   200 payment   {amount?, reference?}, at most once
    POST /v1/payments/{id}/voids      200 payment   {reference?}, only before the capture
    POST /v1/payments/{id}/refunds    201 refund    {amount?, reference?}
    GET  /v1/payments/{id}            200 payment
    GET  /v1/payments?reference=      200 {"items": [payment], "next": null}, the authority
    GET  /v1/payments?since=&limit=&cursor=         oldest first
    GET  /challenge/{id}              the page a buyer's bank would show
    GET  /ledger?order=  /ledger?limit=&cursor=     for checkers; no key needed from this machine
    GET  /_control  POST /_control    outages and delays for drills; likewise
    GET  /healthz

A payment's `status` is `pending`, `challenge`, `declined`, `authorised`, `captured` or `voided`;
its `rank` only ever grows: 0 pending or challenge, 1 declined, 2 authorised, 3 captured or
voided, 4 refunded in part or whole.

Webhooks: `Seatwright-Gateway-Signature: t=<unix>,v1=<hmac-sha256 hex of "t.body">`, body
`{id, type, created_at, livemode: false, data: payment}`, again until a 2xx or for an hour.

What a token makes the gateway do is the table in `tokens.py`.
"""
