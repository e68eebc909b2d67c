-- name: block
-- All of the seats or none: a seat that is claimed or sold stays what it is, one that is blocked
-- already counts, so that a request whose answer was lost can be sent again. A claim that has run
-- out is nobody's, as for the next buyer.
INSERT INTO orders.claims AS c (event_id, seat, order_id, state)
SELECT $1, s, NULL, 'blocked' FROM unnest($2::integer[]) AS s ORDER BY s
ON CONFLICT (event_id, seat) DO UPDATE
SET state = 'blocked', order_id = NULL, claimed_until = NULL, buyer = NULL, buyer_seat = NULL
WHERE c.state = 'blocked' OR (c.state = 'claimed' AND c.claimed_until < clock_timestamp())
RETURNING seat;

-- name: unblock
DELETE FROM orders.claims
WHERE event_id = $1 AND seat = ANY ($2::integer[]) AND state = 'blocked'
RETURNING seat;
