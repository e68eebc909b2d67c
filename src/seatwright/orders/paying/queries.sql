-- name: lock_order
-- The order's row, locked: everything that changes one order's payment takes its turn here.
SELECT state, expires_at > clock_timestamp() AS in_time, total, currency,
    (SELECT count(*) FROM orders.attempts AS t
        WHERE t.event_id = o.event_id AND t.order_id = o.id) AS attempts,
    (SELECT count(*) FROM orders.claims AS c
        WHERE c.event_id = o.event_id AND c.order_id = o.id AND c.state = 'claimed') = o.seat_count
        AS claimed
FROM orders.orders AS o WHERE event_id = $1 AND id = $2 FOR UPDATE;

-- name: pin_claims
-- While money moves nobody may take the seats over, however long it takes. What has run out may
-- have lost its number to another order of its buyer, so it stays as it is.
UPDATE orders.claims SET claimed_until = 'infinity'
WHERE event_id = $1 AND order_id = $2 AND state = 'claimed' AND claimed_until >= clock_timestamp()
RETURNING seat;

-- name: unpin_claims
-- The attempt is over and nothing was charged: the seats stay the buyer's until the deadline.
UPDATE orders.claims AS c SET claimed_until = o.expires_at
FROM orders.orders AS o
WHERE o.event_id = $1 AND o.id = $2
    AND c.event_id = $1 AND c.order_id = $2 AND c.state = 'claimed';

-- name: open_attempt
-- A further try to pay. The index one_open_attempt refuses a second one beside it.
INSERT INTO orders.attempts (
    event_id, order_id, attempt, reference, gateway, token, state, amount, currency, due_at
) VALUES ($1, $2, $3, $4, $5, $6, 'created', $7, $8, clock_timestamp() + $9::interval);

-- name: set_order_state
UPDATE orders.orders SET state = $3 WHERE event_id = $1 AND id = $2 AND state = ANY ($4::text[])
RETURNING id;

-- name: settle_attempt
-- An attempt moves on without making a sale.
UPDATE orders.attempts
SET state = $4, payment_id = coalesce($5, payment_id), decline_code = $6, challenge_url = $7,
    due_at = clock_timestamp() + $8::interval,
    looks = CASE WHEN state = $4 THEN looks ELSE 0 END
WHERE event_id = $1 AND order_id = $2 AND attempt = $3 AND state = ANY ($9::text[])
RETURNING state;

-- name: remember_answer
-- The first answer stands, whoever comes with another.
UPDATE orders.idempotency SET answer = coalesce(answer, $3) WHERE principal = $1 AND key = $2
RETURNING answer;

-- name: commit_paid
-- Many paid orders in one commit: attempt authorised, seats sold, tickets issued, the capture
-- asked for. An order that is not being paid any more is left alone and answers its state.
-- As in `place`, rows are looked up for one order at a time, and in the order of their locks.
-- $1 n, $2 event, $3 order, $4 attempt, $5 payment id, $6 amount, $7 currency,
-- $8 one message for all, $9 principal, $10 key or NULL, $11 answer, $12 attendee,
-- $13 and $14 where an order's first and last ticket are, from 1, in $15 tickets and $16 seats
WITH asked AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::integer[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[], $7::text[],
        $9::text[], $10::text[], $11::bytea[], $12::text[], $13::integer[], $14::integer[]
    ) AS a (
        n, event_id, order_id, attempt, payment_id, amount, currency, principal, key, answer,
        attendee, first, last
    )
    ORDER BY event_id, order_id
),
open AS MATERIALIZED (
    SELECT a.*
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT o.id, o.total, o.currency FROM orders.orders AS o
        WHERE o.event_id = a.event_id AND o.id = a.order_id
            AND o.state IN ('paying', 'payment_in_doubt')
        FOR UPDATE
    ) AS o
    CROSS JOIN LATERAL (
        SELECT t.attempt FROM orders.attempts AS t
        WHERE t.event_id = a.event_id AND t.order_id = o.id AND t.attempt = a.attempt
            AND t.state IN ('created', 'challenge', 'in_doubt')
        FOR UPDATE
    ) AS t
    WHERE o.total = a.amount AND o.currency = a.currency
),
given AS MATERIALIZED (
    SELECT o.event_id, o.order_id, o.attendee, g.ticket, g.seat
    FROM open AS o
    CROSS JOIN LATERAL unnest(
        ($15::text[])[o.first:o.last], ($16::integer[])[o.first:o.last]
    ) AS g (ticket, seat)
),
tried AS (
    UPDATE orders.attempts AS t
    SET state = 'authorised', payment_id = o.payment_id, challenge_url = NULL,
        due_at = NULL
    FROM open AS o
    WHERE t.event_id = o.event_id AND t.order_id = o.order_id AND t.attempt = o.attempt
    RETURNING 1
),
sold AS (
    UPDATE orders.claims AS c SET state = 'sold', claimed_until = NULL
    FROM given AS g
    WHERE c.event_id = g.event_id AND c.seat = g.seat AND c.order_id = g.order_id
        AND c.state = 'claimed'
    RETURNING 1
),
issued AS (
    INSERT INTO orders.tickets (event_id, id, order_id, seat, attendee)
    SELECT event_id, ticket, order_id, seat, attendee FROM given
    RETURNING 1
),
paid AS (
    UPDATE orders.orders AS o SET state = 'paid', paid_at = statement_timestamp()
    FROM open AS p WHERE o.event_id = p.event_id AND o.id = p.order_id
    RETURNING o.seat_count
),
told AS (
    INSERT INTO orders.outbox (subject, message_id, payload)
    SELECT 'work.capture', 'paid-' || min(order_id), $8::bytea FROM open HAVING count(*) > 0
),
answered AS (
    UPDATE orders.idempotency AS i SET answer = o.answer
    FROM open AS o WHERE i.principal = o.principal AND i.key = o.key AND i.answer IS NULL
)
SELECT n FROM open
WHERE orders.insist((SELECT count(*) FROM tried) = (SELECT count(*) FROM open), 'attempts')
    AND orders.insist((SELECT count(*) FROM sold) = (SELECT count(*) FROM given), 'claims')
    AND orders.insist(
        (SELECT coalesce(sum(seat_count), 0) FROM paid) = (SELECT count(*) FROM issued), 'tickets'
    );

-- name: why_not_paid
-- What became of a sale that commit_paid left alone. A statement of its own, because it must see
-- what another process committed while commit_paid waited for it. Sold by somebody who waits for no
-- answer, it is still this request's sale, and the answer is kept.
-- $1 event, $2 order, $3 attempt, $4 amount, $5 currency, $6 principal, $7 key or NULL, $8 answer
WITH found AS MATERIALIZED (
    SELECT o.state, t.state AS attempt_state, o.total = $4 AND o.currency = $5 AS matches
    FROM orders.orders AS o
    JOIN orders.attempts AS t
        ON t.event_id = o.event_id AND t.order_id = o.id AND t.attempt = $3
    WHERE o.event_id = $1 AND o.id = $2
),
answered AS (
    UPDATE orders.idempotency SET answer = $8
    WHERE principal = $6 AND key = $7 AND answer IS NULL
        AND EXISTS (SELECT FROM found WHERE attempt_state IN ('authorised', 'captured'))
)
SELECT state, attempt_state, matches FROM found;

-- name: due_attempts
-- Attempts that somebody must look at, leased for longer than the look can take.
UPDATE orders.attempts AS t
SET leased_until = clock_timestamp() + $2::interval, looked_at = clock_timestamp(),
    looks = looks + 1
WHERE (event_id, order_id, attempt) IN (
    SELECT event_id, order_id, attempt FROM orders.attempts
    WHERE due_at <= statement_timestamp()
        AND (leased_until IS NULL OR leased_until <= statement_timestamp())
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING event_id, order_id, attempt, state, reference, looks, due_at, leased_until,
    clock_timestamp() - created_at AS age,
    coalesce(clock_timestamp() - absent_since, interval '0') AS silence;

-- name: ask_again
-- The gateway is about to be asked to authorise once more; from here on it may know of it.
UPDATE orders.attempts SET absent_since = NULL
WHERE event_id = $1 AND order_id = $2 AND attempt = $3 AND leased_until = $4
    AND state IN ('created', 'challenge', 'in_doubt')
RETURNING true;

-- name: note_absent
-- The gateway says that it knows nothing of it; a silence begins with the first time it says so.
UPDATE orders.attempts SET absent_since = clock_timestamp()
WHERE event_id = $1 AND order_id = $2 AND attempt = $3 AND leased_until = $4
    AND absent_since IS NULL;

-- name: look_again
-- A look is over: the lease ends, and what is still open is due later. A time that was set
-- meanwhile, by a webhook or by the look's own outcome, stands.
UPDATE orders.attempts
SET leased_until = NULL,
    due_at = CASE WHEN due_at = $4 THEN clock_timestamp() + $6::interval ELSE due_at END
WHERE event_id = $1 AND order_id = $2 AND attempt = $3 AND leased_until = $5;

-- name: store_webhooks
-- Many webhooks in one commit. Each is kept once, however often it arrives; an attempt it names
-- that is still open is due at once, so that the resolver asks the gateway; one that has ended
-- without a sale is a stray to be looked at, and so is one that we do not know.
-- $1 n, $2 gateway, $3 id, $4 kind, $5 reference, $6 hash of what it says
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]
    ) AS a (n, gateway, id, kind, reference, content_hash)
),
stored AS (
    INSERT INTO orders.webhooks (gateway, id, kind, reference, content_hash)
    SELECT gateway, id, kind, reference, content_hash FROM asked ORDER BY gateway, id
    ON CONFLICT (gateway, id) DO NOTHING
    RETURNING gateway, id, reference
),
ours AS MATERIALIZED (
    SELECT a.n, a.gateway, a.reference, t.*
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT t.event_id, t.order_id, t.attempt, t.state, t.created_at
        FROM orders.attempts AS t WHERE t.reference = a.reference LIMIT 1
    ) AS t
),
hastened AS (
    UPDATE orders.attempts SET due_at = clock_timestamp()
    -- Sorted: two batches about the same payments wait for each other, they never deadlock.
    WHERE (event_id, order_id, attempt) IN (
        SELECT t.event_id, t.order_id, t.attempt
        FROM ours AS o
        JOIN orders.attempts AS t
            ON t.event_id = o.event_id AND t.order_id = o.order_id AND t.attempt = o.attempt
        WHERE o.state IN ('created', 'challenge', 'in_doubt')
            -- A notice overtakes the answer to the request that caused it, which will settle it.
            AND (o.state <> 'created' OR o.created_at < clock_timestamp() - interval '1 second')
            AND (o.gateway, o.reference) IN (SELECT gateway, reference FROM stored)
        ORDER BY t.event_id, t.order_id, t.attempt FOR UPDATE OF t
    ) AND state IN ('created', 'challenge', 'in_doubt')
),
hinted AS (
    -- Another shop's with the same account, or of an order that we do not have: its gateway says.
    INSERT INTO orders.strays (gateway, reference, hinted)
    SELECT DISTINCT gateway, reference, true FROM asked
    WHERE n NOT IN (SELECT n FROM ours)
        AND (gateway, reference) IN (SELECT gateway, reference FROM stored)
    ORDER BY gateway, reference
    ON CONFLICT (gateway, reference) DO UPDATE SET due_at = clock_timestamp()
),
strayed AS (
    -- For us it is over without a sale; what the notice is about may be money all the same, unless
    -- a person has settled it.
    INSERT INTO orders.strays (gateway, reference)
    SELECT DISTINCT gateway, reference FROM ours
    WHERE state IN ('declined', 'voided', 'failed')
        AND (gateway, reference) IN (SELECT gateway, reference FROM stored)
        AND NOT EXISTS (
            SELECT FROM orders.breaks AS b
            WHERE b.kind = 'money_without_sale' AND b.reference = ours.reference
                AND b.mended_why IS NOT NULL
        )
    ORDER BY gateway, reference
    ON CONFLICT (gateway, reference) DO UPDATE SET due_at = clock_timestamp()
)
SELECT a.n, s.id IS NOT NULL AS fresh,
    EXISTS (SELECT FROM ours AS o WHERE o.n = a.n) AS known,
    NOT EXISTS (SELECT FROM orders.webhooks AS w
        WHERE w.gateway = a.gateway AND w.id = a.id AND w.content_hash <> a.content_hash) AS same
FROM asked AS a
LEFT JOIN stored AS s ON s.gateway = a.gateway AND s.id = a.id
ORDER BY a.n;

-- name: waiting
-- How much is not settled, and the age of the oldest: attempts whose outcome is not known, paid
-- orders without their money, payments to be given back, differences.
SELECT w.what, count(w.since) AS count,
    coalesce(extract(epoch FROM clock_timestamp() - min(w.since)), 0)::float8 AS oldest_s
FROM (
    VALUES ('in_doubt', NULL::timestamptz), ('uncaptured', NULL), ('stray', NULL), ('break', NULL)
    UNION ALL
    SELECT 'in_doubt', created_at FROM orders.attempts
    WHERE due_at IS NOT NULL AND state IN ('created', 'in_doubt')
    UNION ALL
    SELECT 'uncaptured', paid_at FROM orders.orders WHERE state = 'paid' AND captured_at IS NULL
    UNION ALL
    SELECT 'stray', found_at FROM orders.strays
    UNION ALL
    SELECT 'break', found_at FROM orders.breaks WHERE mended_at IS NULL
) AS w (what, since)
GROUP BY w.what;

-- name: report_overdue
-- What has waited for too long is a break, once until it is settled.
INSERT INTO orders.breaks (kind, event_id, order_id, reference, detail)
SELECT kind, event_id, order_id, reference, detail FROM (
    SELECT 'payment_overdue', event_id, order_id, reference, 'not known since ' || created_at
    FROM orders.attempts
    WHERE due_at IS NOT NULL AND state IN ('created', 'in_doubt')
        AND created_at < clock_timestamp() - $1::interval
    UNION ALL
    SELECT 'capture_overdue', o.event_id, o.id, t.reference, 'not captured since ' || o.paid_at
    FROM orders.orders AS o
    JOIN orders.attempts AS t
        ON t.event_id = o.event_id AND t.order_id = o.id AND t.state = 'authorised'
    WHERE o.state = 'paid' AND o.captured_at IS NULL
        AND o.paid_at < clock_timestamp() - $1::interval) AS late (kind, event_id, order_id, reference, detail)
WHERE (kind, reference) NOT IN
    (SELECT kind, reference FROM orders.breaks WHERE reference IS NOT NULL AND mended_at IS NULL)
ORDER BY kind, reference LIMIT 1000
ON CONFLICT (kind, reference) WHERE reference IS NOT NULL AND mended_at IS NULL DO NOTHING
RETURNING kind, reference;

-- name: mend_overdue
-- What was overdue and is settled now.
UPDATE orders.breaks AS b SET mended_at = clock_timestamp()
WHERE mended_at IS NULL AND kind IN ('payment_overdue', 'capture_overdue')
    AND NOT EXISTS (
        SELECT FROM orders.attempts AS t
        WHERE t.reference = b.reference AND CASE b.kind
            WHEN 'capture_overdue' THEN t.state = 'authorised'
            ELSE t.state IN ('created', 'in_doubt') END
    );

-- name: report_break
INSERT INTO orders.breaks (kind, event_id, order_id, reference, detail)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, reference) WHERE reference IS NOT NULL AND mended_at IS NULL DO NOTHING;

-- name: mend_break
-- What it was about is as it should be again.
UPDATE orders.breaks SET mended_at = clock_timestamp()
WHERE kind = $1 AND reference = $2 AND mended_at IS NULL;

-- name: expire_unpaid
-- Orders past their deadline end, and their seats come free. Claims that are pinned belong to
-- orders in another state, so they are never touched here (mutant M6).
WITH due AS (
    SELECT event_id, id FROM orders.orders
    WHERE state = 'awaiting_payment' AND expires_at < statement_timestamp()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
),
ended AS (
    UPDATE orders.orders AS o
    SET state = 'expired', ended_at = clock_timestamp(), ended_why = 'not_paid_in_time'
    FROM due AS d WHERE o.event_id = d.event_id AND o.id = d.id
    RETURNING o.event_id, o.id, o.hold_id
),
wanted AS MATERIALIZED (
    SELECT c.* FROM due AS d
    CROSS JOIN LATERAL (
        SELECT c.event_id, c.seat, c.order_id FROM orders.claims AS c
        WHERE c.event_id = d.event_id AND c.order_id = d.id AND c.state = 'claimed' OFFSET 0
    ) AS c
    ORDER BY c.event_id, c.seat
),
locked AS MATERIALIZED (
    -- In the order in which seats are claimed: both wait for each other, they never deadlock.
    SELECT c.* FROM wanted AS w
    CROSS JOIN LATERAL (
        SELECT c.event_id, c.seat, c.order_id FROM orders.claims AS c
        WHERE c.event_id = w.event_id AND c.seat = w.seat AND c.order_id = w.order_id
            AND c.state = 'claimed'
        FOR UPDATE
    ) AS c
),
freed AS (
    DELETE FROM orders.claims AS c USING locked AS l
    WHERE c.event_id = l.event_id AND c.seat = l.seat AND c.order_id = l.order_id
        AND c.state = 'claimed'
    RETURNING c.event_id, c.order_id, c.seat
)
SELECT e.event_id, e.id AS order_id, e.hold_id,
    coalesce(array_agg(f.seat ORDER BY f.seat) FILTER (WHERE f.seat IS NOT NULL), '{}') AS seats
FROM ended AS e
LEFT JOIN freed AS f ON f.event_id = e.event_id AND f.order_id = e.id
GROUP BY 1, 2, 3;

-- name: tell
INSERT INTO orders.outbox (subject, message_id, payload)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[]);

-- name: take_key
-- The first request with a key takes it, in the transaction that opens its attempt: both are
-- there or neither is. A second waits for that transaction and finds nothing to do here.
INSERT INTO orders.idempotency (principal, key, fingerprint, event_id, order_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (principal, key) DO NOTHING
RETURNING true;

-- name: key_taken
SELECT fingerprint, answer, created_at < clock_timestamp() - interval '30 seconds' AS abandoned
FROM orders.idempotency WHERE principal = $1 AND key = $2;
