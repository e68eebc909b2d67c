-- name: commit_captured
-- Many captures in one commit; papers and mails may go out now. Repeating changes nothing.
-- $1 event, $2 order, $3 attempt, $4 message
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[])
        AS a (event_id, order_id, attempt, message)
    ORDER BY event_id, order_id
),
open AS MATERIALIZED (
    SELECT a.*
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT o.state, o.captured_at FROM orders.orders AS o
        WHERE o.event_id = a.event_id AND o.id = a.order_id LIMIT 1
        FOR UPDATE
    ) AS o
    WHERE o.state = 'paid' AND o.captured_at IS NULL
),
taken AS (
    UPDATE orders.orders AS o SET captured_at = clock_timestamp()
    FROM open AS a WHERE o.event_id = a.event_id AND o.id = a.order_id
),
tried AS (
    UPDATE orders.attempts AS t SET state = 'captured', due_at = NULL
    FROM open AS a
    WHERE t.event_id = a.event_id AND t.order_id = a.order_id AND t.attempt = a.attempt
)
INSERT INTO orders.outbox (subject, message_id, payload)
SELECT 'work.deliver', 'captured-' || order_id, message FROM open
RETURNING 1;

-- name: to_capture
-- What the capture worker needs of each order; orders already captured or ended are left out.
SELECT a.event_id, a.order_id, t.*
FROM unnest($1::text[], $2::text[]) AS a (event_id, order_id)
CROSS JOIN LATERAL (
    SELECT o.state, o.captured_at FROM orders.orders AS o
    WHERE o.event_id = a.event_id AND o.id = a.order_id LIMIT 1
) AS o
CROSS JOIN LATERAL (
    SELECT t.attempt, t.gateway, t.reference, t.payment_id, t.amount, t.currency
    FROM orders.attempts AS t
    WHERE t.event_id = a.event_id AND t.order_id = a.order_id AND t.state = 'authorised' LIMIT 1
) AS t
WHERE o.state = 'paid' AND o.captured_at IS NULL;

-- name: settled_by_hand
-- Captured, but not all of it: a break until the rest is there (`comparing`) or a person ends it.
WITH told AS (
    INSERT INTO orders.breaks (kind, event_id, order_id, reference, detail)
    VALUES ('sale_without_money', $1, $2, $3, $4)
    ON CONFLICT (kind, reference) WHERE reference IS NOT NULL AND mended_at IS NULL DO NOTHING
)
SELECT EXISTS (
    SELECT FROM orders.breaks
    WHERE kind = 'sale_without_money' AND reference = $3 AND mended_why IS NOT NULL
) AS settled;

-- name: cancel_uncaptured
-- The capture has finally failed: the order ends, its tickets are void, its seats free again, and
-- the buyer is told, and the organisation's own systems.
WITH ended AS (
    UPDATE orders.orders
    SET state = 'cancelled', ended_at = clock_timestamp(), ended_why = 'capture_failed'
    WHERE event_id = $1 AND id = $2 AND state = 'paid' AND captured_at IS NULL
    RETURNING event_id, id
),
tried AS (
    UPDATE orders.attempts AS t SET state = 'failed', due_at = NULL
    FROM ended AS e
    WHERE t.event_id = e.event_id AND t.order_id = e.id AND t.state = 'authorised'
),
voided AS (
    UPDATE orders.tickets AS t SET status = 'void'
    FROM ended AS e WHERE t.event_id = e.event_id AND t.order_id = e.id
),
wanted AS MATERIALIZED (
    SELECT c.* FROM ended AS e
    CROSS JOIN LATERAL (
        SELECT c.event_id, c.seat, c.order_id FROM orders.claims AS c
        WHERE c.event_id = e.event_id AND c.order_id = e.id OFFSET 0
    ) AS c
    ORDER BY c.event_id, c.seat
),
locked AS MATERIALIZED (
    -- In the order in which seats are claimed: both wait for each other, they never deadlock.
    SELECT c.* FROM wanted AS w
    CROSS JOIN LATERAL (
        SELECT c.event_id, c.seat, c.order_id FROM orders.claims AS c
        WHERE c.event_id = w.event_id AND c.seat = w.seat AND c.order_id = w.order_id
        FOR UPDATE
    ) AS c
),
freed AS (
    DELETE FROM orders.claims AS c USING locked AS l
    WHERE c.event_id = l.event_id AND c.seat = l.seat AND c.order_id = l.order_id
)
INSERT INTO orders.outbox (subject, message_id, payload)
SELECT t.subject, t.name || id, t.payload
FROM ended
CROSS JOIN (
    VALUES ('work.release', 'cancelled-', $3::bytea), ('work.mail', 'not-charged-', $4::bytea),
        ('work.happened', 'order-cancelled-', $5::bytea)
) AS t (subject, name, payload)
RETURNING 1;

-- name: late_captures
-- Job R3: paid, and not captured for minutes although the message was sent. Each is asked for
-- again after longer and longer rests, up to an hour.
UPDATE orders.orders AS o
SET recaptures = recaptures + 1,
    recapture_at = clock_timestamp()
        + least(interval '1 hour', $2::interval * (2 ^ least(recaptures, 9)))
WHERE (event_id, id) IN (
    SELECT event_id, id FROM orders.orders
    WHERE state = 'paid' AND captured_at IS NULL
        AND paid_at < statement_timestamp() - $2::interval
        AND (recapture_at IS NULL OR recapture_at <= statement_timestamp())
    ORDER BY paid_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING event_id, id AS order_id, recaptures,
    (SELECT coalesce(array_agg(c.seat ORDER BY c.seat), '{}') FROM orders.claims AS c
        WHERE c.event_id = o.event_id AND c.order_id = o.id) AS seats;

-- name: ask_capture_again
-- Job R3: paid, not captured for minutes. The message is asked for again; the work is idempotent.
INSERT INTO orders.outbox (subject, message_id, payload)
VALUES ('work.capture', $1, $2);
