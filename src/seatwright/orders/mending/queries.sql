-- name: listed
-- The latest differences, the newest first: the open ones, or with $2 those that are mended as well.
SELECT id, kind, event_id, order_id, reference, detail, found_at, mended_at, mended_why
FROM orders.breaks WHERE $2::boolean OR mended_at IS NULL
ORDER BY id DESC LIMIT $1;

-- name: one
SELECT id, kind, event_id, order_id, reference, detail, found_at, mended_at, mended_why
FROM orders.breaks WHERE id = $1;

-- name: end_by_word
-- A person has settled it. Whoever gives money back leaves the payment alone from now on; that row
-- goes first, because they take both in this order as well. No row: it is over, or never was.
-- $1 id, $2 why
WITH let_be AS (
    DELETE FROM orders.strays AS s USING orders.breaks AS b
    WHERE b.id = $1 AND b.mended_at IS NULL AND s.reference = b.reference
        AND b.kind IN ('money_without_sale', 'unknown_payment')
    RETURNING s.reference
)
UPDATE orders.breaks SET mended_at = clock_timestamp(), mended_why = $2
WHERE id = $1 AND mended_at IS NULL AND (SELECT count(*) FROM let_be) >= 0
RETURNING id, kind, event_id, order_id, reference, detail, found_at, mended_at, mended_why;
