-- name: i_s1_two_live_tickets
-- I-S1: no seat has two tickets that open a gate.
SELECT event_id, seat::text AS what FROM orders.tickets
WHERE status IN ('valid', 'used') GROUP BY event_id, seat HAVING count(*) > 1 LIMIT 20;

-- name: i_s2_ticket_without_sale
-- I-S2: a live ticket stands on a sold claim of the same order.
SELECT t.event_id, t.id AS what FROM orders.tickets AS t
LEFT JOIN orders.claims AS c
    ON c.event_id = t.event_id AND c.seat = t.seat AND c.order_id = t.order_id
        AND c.state = 'sold'
WHERE t.status IN ('valid', 'used') AND c.seat IS NULL LIMIT 20;

-- name: i_s2_sale_without_ticket
-- I-S2, the other way: a sold claim has its live ticket.
SELECT c.event_id, c.seat::text AS what FROM orders.claims AS c
LEFT JOIN orders.tickets AS t
    ON t.event_id = c.event_id AND t.seat = c.seat AND t.order_id = c.order_id
        AND t.status IN ('valid', 'used')
WHERE c.state = 'sold' AND t.id IS NULL LIMIT 20;

-- name: i_s4_seats_beyond_the_chart
-- I-S4: what is claimed, sold or blocked lies inside the chart, so that the rest is free.
SELECT c.event_id, c.seat::text AS what FROM orders.claims AS c
JOIN orders.inventory AS i ON i.event_id = c.event_id
WHERE c.seat >= i.seat_count LIMIT 20;

-- name: i_s6_partial_order
-- I-S6: an order in payment has all of its seats claimed, a paid one all sold, an ended one none.
SELECT o.event_id, o.id || ' ' || o.state AS what
FROM orders.orders AS o
LEFT JOIN (
    SELECT event_id, order_id, count(*) FILTER (WHERE state = 'sold') AS sold,
        count(*) FILTER (WHERE state = 'claimed') AS claimed
    FROM orders.claims WHERE order_id IS NOT NULL GROUP BY event_id, order_id
) AS n ON n.event_id = o.event_id AND n.order_id = o.id
WHERE (o.state = 'paid' AND n.sold IS DISTINCT FROM o.seat_count)
    OR (o.state IN ('paying', 'payment_in_doubt') AND n.claimed IS DISTINCT FROM o.seat_count)
    OR (o.state IN ('expired', 'cancelled') AND n.sold + n.claimed > 0)
LIMIT 20;

-- name: i_h2_unpinned_payment
-- I-H2: while money moves, the claim cannot be taken over.
SELECT c.event_id, c.seat::text AS what FROM orders.claims AS c
JOIN orders.orders AS o ON o.event_id = c.event_id AND o.id = c.order_id
WHERE o.state IN ('paying', 'payment_in_doubt') AND c.state = 'claimed'
    AND isfinite(c.claimed_until) LIMIT 20;

-- name: i_m1_paid_without_attempt
-- I-M1, I-M5: a paid order has exactly one authorised or captured attempt, over its total.
SELECT o.event_id, o.id AS what FROM orders.orders AS o
LEFT JOIN orders.attempts AS t
    ON t.event_id = o.event_id AND t.order_id = o.id
        AND t.state IN ('authorised', 'captured') AND t.amount = o.total
        AND t.currency = o.currency
WHERE o.state = 'paid' AND o.hold_id <> 'imported'
GROUP BY o.event_id, o.id HAVING count(t.attempt) <> 1 LIMIT 20;

-- name: i_m2_money_without_order
-- I-M2: money is set aside only for an order that was sold.
SELECT t.event_id, t.reference AS what FROM orders.attempts AS t
JOIN orders.orders AS o ON o.event_id = t.event_id AND o.id = t.order_id
WHERE t.state IN ('authorised', 'captured') AND o.state <> 'paid' LIMIT 20;

-- name: unsettled
-- I-L1: how much is still open; zero some minutes after the last fault.
SELECT (SELECT count(*) FROM orders.outbox) AS outbox,
    (SELECT count(*) FROM orders.orders WHERE state IN ('paying', 'payment_in_doubt')) AS paying,
    (SELECT count(*) FROM orders.orders WHERE state = 'paid' AND captured_at IS NULL)
    AS uncaptured;

-- name: totals
SELECT (SELECT count(*) FROM orders.orders WHERE state = 'paid') AS paid,
    (SELECT coalesce(sum(total), 0) FROM orders.orders
        WHERE captured_at IS NOT NULL AND state = 'paid' AND hold_id <> 'imported')::bigint
    AS captured,
    (SELECT count(*) FROM orders.tickets WHERE status IN ('valid', 'used')) AS tickets;
