-- name: order
-- One order with its newest attempt.
SELECT o.event_id, o.id, o.code, o.principal, o.hold_id, o.state, o.buyer_name, o.buyer_email,
    o.language, o.quote, o.document_version, o.created_at, o.expires_at, o.paid_at,
    o.captured_at, o.total, o.tax,
    t.attempt, t.reference, t.gateway, t.token, t.amount, t.currency, t.state AS attempt_state,
    t.payment_id, t.decline_code, t.challenge_url
FROM orders.orders AS o
LEFT JOIN LATERAL (
    SELECT a.attempt, a.reference, a.gateway, a.token, a.amount, a.currency, a.state, a.payment_id,
        a.decline_code, a.challenge_url
    FROM orders.attempts AS a
    WHERE a.event_id = o.event_id AND a.order_id = o.id
    ORDER BY a.attempt DESC LIMIT 1
) AS t ON true
WHERE o.event_id = $1 AND o.id = $2;

-- name: hasten_look
-- The buyer is back and looks at an order whose payment is open: the resolver looks too, unless
-- somebody looked a moment ago, so that no number of readers can wear a gateway out.
UPDATE orders.attempts SET due_at = clock_timestamp()
WHERE event_id = $1 AND order_id = $2 AND attempt = $3 AND state IN ('challenge', 'in_doubt')
    AND due_at > clock_timestamp() AND created_at < clock_timestamp() - interval '1 second'
    AND (looked_at IS NULL OR looked_at < clock_timestamp() - $4::interval);

-- name: whereabouts
SELECT event_id, order_id FROM orders.codes WHERE code = $1;

-- name: tickets_of_order
SELECT id, seat, seq, status, attendee FROM orders.tickets
WHERE event_id = $1 AND order_id = $2 ORDER BY seat;

-- name: ticket
SELECT t.id, t.seat, t.seq, t.status, t.attendee, t.order_id FROM orders.tickets AS t
WHERE t.event_id = $1 AND t.id = $2;

-- name: mark_used
-- The coalesce says nothing but keeps one_live_ticket, which begins with the event too, from being
-- taken for the way to one ticket.
UPDATE orders.tickets SET status = 'used', used_at = $3
WHERE event_id = $1 AND id = $2 AND coalesce(status, '') = 'valid';

-- name: orders_of_person
SELECT event_id, id FROM orders.orders
WHERE principal = $1 AND principal LIKE 'person:%' AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC LIMIT $4;

-- name: live_orders
-- A page of an event's paid orders, by the primary key.
SELECT id FROM orders.orders WHERE event_id = $1 AND id > $2 AND state = 'paid'
ORDER BY id LIMIT $3;

-- name: request_by_key
SELECT event_id, order_id, answer IS NOT NULL AS settled,
    created_at < clock_timestamp() - interval '30 seconds' AS abandoned
FROM orders.idempotency WHERE principal = $1 AND key = $2;

-- name: seat_map
-- The claims of an event from a seat on, with who holds them: what availability is rebuilt from.
SELECT c.seat, c.state, c.order_id, o.hold_id, o.principal,
    CASE WHEN isfinite(c.claimed_until)
        THEN (extract(epoch FROM c.claimed_until) * 1000)::bigint END AS until_ms
FROM orders.claims AS c
LEFT JOIN LATERAL (
    SELECT o.hold_id, o.principal FROM orders.orders AS o
    WHERE o.event_id = c.event_id AND o.id = c.order_id LIMIT 1
) AS o ON true
WHERE c.event_id = $1 AND c.seat >= $2
    AND (c.claimed_until IS NULL OR c.claimed_until > clock_timestamp())
ORDER BY c.seat LIMIT $3;
