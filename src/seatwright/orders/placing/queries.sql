-- name: open_inventory
-- The first order of an event records how many seats its chart has; later ones change nothing.
INSERT INTO orders.inventory (event_id, chart, seat_count)
VALUES ($1, $2, $3)
ON CONFLICT (event_id) DO NOTHING;

-- name: place
-- Many orders in one commit. Each either claims all of its seats or is answered what stands in
-- its way. What the snapshot could not see (another process's uncommitted claim) makes the whole
-- statement fail with SW001, and the orders are then placed one by one.
-- Every look-up is made for one order by an index and nothing is joined with a list, so that the
-- work grows with the orders alone, whatever plan the statement has.
-- $1 n, $2 principal, $3 key, $4 fingerprint, $5 event, $6 order, $7 code, $8 hold, $9 name,
-- $10 email, $11 language, $12 currency, $13 total, $14 tax, $15 quote, $16 document version,
-- $17 payment duration, $18 reference or NULL, $19 gateway, $20 token, $21 answer or NULL,
-- $22 and $23 where an order's first and last seat are, counted from 1, in $24, all seats,
-- $25 buyer or NULL where the event limits nobody, $26 limit or NULL,
-- $27 how long an attempt that nobody carries on is left alone, $28 how long a lock is waited for
WITH asked AS MATERIALIZED (
    SELECT a.*
    -- Until this transaction ends, and from here on: everything below comes out of these rows.
    FROM (SELECT set_config('lock_timeout', $28::text, true)) AS patience
    CROSS JOIN unnest(
        $1::integer[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
        $14::bigint[], $15::bytea[], $16::bigint[], $18::text[], $19::text[], $20::text[],
        $21::bytea[], $22::integer[], $23::integer[], $25::text[], $26::integer[]
    ) AS a (
        n, principal, key, fingerprint, event_id, order_id, code, hold_id, buyer_name,
        buyer_email, language, currency, total, tax, quote, document_version, reference,
        gateway, token, answer, first, last, buyer, buyer_seats_max
    )
),
judged AS MATERIALIZED (
    SELECT a.*, k.*, b.taken, h.seats AS buyer_seats, h.numbers AS buyer_numbers,
        k.known_order IS NULL AND b.taken IS NULL AND (
            h.seats + a.last - a.first < a.buyer_seats_max
            AND h.numbers_used + a.last - a.first < a.buyer_seats_max
        ) IS NOT FALSE AS won
    FROM asked AS a
    LEFT JOIN LATERAL (
        SELECT i.fingerprint AS known_fingerprint, i.event_id AS known_event,
            i.order_id AS known_order, i.answer AS known_answer,
            i.created_at < clock_timestamp() - interval '30 seconds' AS abandoned
        FROM orders.idempotency AS i
        WHERE i.principal = a.principal AND i.key = a.key LIMIT 1
    ) AS k ON true
    LEFT JOIN LATERAL (
        SELECT i.seat_count FROM orders.inventory AS i WHERE i.event_id = a.event_id LIMIT 1
    ) AS i ON true
    CROSS JOIN LATERAL (
        SELECT array_agg(w.seat ORDER BY w.seat) AS taken
        FROM unnest(($24::integer[])[a.first:a.last]) AS w (seat)
        LEFT JOIN LATERAL (
            SELECT c.seat FROM orders.claims AS c
            WHERE c.event_id = a.event_id AND c.seat = w.seat
                AND NOT (c.state = 'claimed' AND c.claimed_until < clock_timestamp())
            LIMIT 1
        ) AS c ON true
        WHERE c.seat IS NOT NULL OR w.seat >= coalesce(i.seat_count, 0)
    ) AS b
    LEFT JOIN LATERAL (
        -- What a limited buyer has: how many seats, and their numbers. A claim that has run out
        -- does not count, and keeps its number until that is taken away (`forget_numbers`): an
        -- order beyond the numbers that are left is not placed.
        SELECT count(*) FILTER (
                WHERE c.state = 'sold' OR c.claimed_until >= clock_timestamp()
            ) AS seats,
            count(*) FILTER (WHERE c.buyer_seat <= a.buyer_seats_max) AS numbers_used,
            coalesce(array_agg(c.buyer_seat), '{}') AS numbers
        FROM orders.claims AS c
        WHERE c.event_id = a.event_id AND c.buyer = a.buyer
    ) AS h ON a.buyer IS NOT NULL
),
winners AS MATERIALIZED (
    SELECT j.*,
        -- The smallest numbers that the buyer's seats do not have yet, in order. None is above the
        -- limit, so that the index allows no more seats, whatever others see and do meanwhile.
        CASE WHEN j.buyer IS NOT NULL THEN ARRAY(
            SELECT number
            FROM generate_series(1, j.buyer_seats_max) AS number
            WHERE number <> ALL (j.buyer_numbers) ORDER BY number
        ) END AS free_numbers
    FROM judged AS j WHERE j.won
),
keyed AS (
    INSERT INTO orders.idempotency (principal, key, fingerprint, event_id, order_id, answer)
    SELECT principal, key, fingerprint, event_id, order_id, answer
    FROM winners ORDER BY principal, key
    ON CONFLICT (principal, key) DO NOTHING
    RETURNING 1
),
claimed AS (
    -- Sorted, in one statement: concurrent buyers of the same seats wait, they never deadlock.
    INSERT INTO orders.claims AS c (
        event_id, seat, order_id, state, claimed_until, buyer, buyer_seat
    )
    SELECT v.event_id, w.seat, v.order_id, 'claimed',
        CASE WHEN v.reference IS NULL THEN statement_timestamp() + $17::interval
            ELSE 'infinity'::timestamptz END,
        v.buyer, v.free_numbers[w.number]
    FROM winners AS v
    CROSS JOIN LATERAL unnest(($24::integer[])[v.first:v.last])
        WITH ORDINALITY AS w (seat, number)
    ORDER BY v.event_id, w.seat
    ON CONFLICT (event_id, seat) DO UPDATE
    SET order_id = excluded.order_id, claimed_until = excluded.claimed_until,
        buyer = excluded.buyer, buyer_seat = excluded.buyer_seat
    WHERE c.state = 'claimed' AND c.claimed_until < clock_timestamp()
    RETURNING 1
),
placed AS (
    INSERT INTO orders.orders (
        event_id, id, code, principal, hold_id, state, buyer_name, buyer_email, language,
        currency, total, tax, quote, document_version, seat_count, created_at, expires_at
    )
    SELECT event_id, order_id, code, principal, hold_id,
        CASE WHEN reference IS NULL THEN 'awaiting_payment' ELSE 'paying' END,
        buyer_name, buyer_email, language, currency, total, tax, quote, document_version,
        last - first + 1, statement_timestamp(), statement_timestamp() + $17::interval
    FROM winners
),
coded AS (
    INSERT INTO orders.codes (code, event_id, order_id)
    SELECT code, event_id, order_id FROM winners
),
tried AS (
    INSERT INTO orders.attempts (
        event_id, order_id, attempt, reference, gateway, token, state, amount, currency, due_at
    )
    SELECT event_id, order_id, 1, reference, gateway, token, 'created', total, currency,
        clock_timestamp() + $27::interval
    FROM winners WHERE reference IS NOT NULL
)
SELECT n, CASE WHEN won THEN statement_timestamp() END AS created_at,
    statement_timestamp() + $17::interval AS expires_at,
    taken, buyer_seats, known_fingerprint AS fingerprint, known_event, known_order,
    known_answer AS answer, abandoned
FROM judged
WHERE orders.insist(
    (SELECT count(*) FROM keyed) = (SELECT count(*) FROM winners), 'idempotency keys'
) AND orders.insist(
    (SELECT count(*) FROM claimed) = (SELECT coalesce(sum(last - first + 1), 0) FROM winners),
    'seats'
)
ORDER BY n;

-- name: seats_in_the_way
-- Of the seats of an order that could not be placed, those that are not to be had now.
SELECT seat FROM orders.claims
WHERE event_id = $1 AND seat = ANY ($2::integer[])
    AND NOT (state = 'claimed' AND claimed_until < clock_timestamp())
ORDER BY seat;

-- name: forget_numbers
-- Claims of a buyer that have run out give their numbers to that buyer's next order. They can not
-- be paid for any more (`pin_claims`), so they never need them again.
UPDATE orders.claims SET buyer = NULL, buyer_seat = NULL
WHERE (event_id, seat) IN (
    SELECT event_id, seat FROM orders.claims
    WHERE event_id = $1 AND buyer = $2 AND state = 'claimed' AND claimed_until < clock_timestamp()
    ORDER BY event_id, seat FOR UPDATE
) AND state = 'claimed' AND claimed_until < clock_timestamp();

-- name: known_request
-- What became of a key, for a request that can no longer be placed (its hold has run out).
SELECT fingerprint, event_id, order_id, answer,
    created_at < clock_timestamp() - interval '30 seconds' AS abandoned
FROM orders.idempotency WHERE principal = $1 AND key = $2;

-- name: remember_answer
-- The first answer stands, whoever comes with another.
UPDATE orders.idempotency SET answer = coalesce(answer, $3) WHERE principal = $1 AND key = $2
RETURNING answer;

-- name: forget_old_keys
-- Keys are kept for three days, then only the order remains.
DELETE FROM orders.idempotency
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM orders.idempotency
    WHERE created_at < clock_timestamp() - interval '3 days' LIMIT 5000
));
