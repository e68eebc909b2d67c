-- name: open_inventory
-- The first sale of an event records how many seats its chart has; later ones change nothing.
INSERT INTO orders.inventory (event_id, chart, seat_count)
VALUES ($1, $2, $3)
ON CONFLICT (event_id) DO NOTHING;

-- name: import_sale
-- One paid order with every seat sold and a ticket for each, in one statement. Seats that are
-- not free make the whole of it fail: an import is checked before it is believed. A claim that
-- has run out is nobody's, as for the next buyer.
-- $1 event, $2 order, $3 code, $4 principal, $5 name, $6 email, $7 language, $8 currency,
-- $9 total, $10 tax, $11 quote, $12 document version, $13 seats, $14 tickets
WITH claimed AS (
    INSERT INTO orders.claims AS c (event_id, seat, order_id, state)
    SELECT $1, s, $2, 'sold' FROM unnest($13::integer[]) AS s ORDER BY s
    ON CONFLICT (event_id, seat) DO UPDATE
    SET order_id = excluded.order_id, state = 'sold', claimed_until = NULL, buyer = NULL,
        buyer_seat = NULL
    WHERE c.state = 'claimed' AND c.claimed_until < clock_timestamp()
    RETURNING seat
),
placed AS (
    INSERT INTO orders.orders (
        event_id, id, code, principal, hold_id, state, buyer_name, buyer_email, language,
        currency, total, tax, quote, document_version, seat_count, expires_at, paid_at,
        captured_at
    )
    VALUES ($1, $2, $3, $4, 'imported', 'paid', $5, $6, $7, $8, $9, $10, $11, $12,
        cardinality($13::integer[]), clock_timestamp(), clock_timestamp(), clock_timestamp())
    RETURNING 1
),
coded AS (
    INSERT INTO orders.codes (code, event_id, order_id) VALUES ($3, $1, $2)
),
issued AS (
    INSERT INTO orders.tickets (event_id, id, order_id, seat, attendee)
    SELECT $1, t.ticket, $2, t.seat, $5
    FROM unnest($14::text[], $13::integer[]) AS t (ticket, seat)
)
SELECT count(*) AS seats FROM claimed
WHERE orders.insist((SELECT count(*) FROM claimed) = cardinality($13::integer[]), 'seats');
