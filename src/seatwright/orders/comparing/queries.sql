-- name: begin_pass
-- The first look at a gateway's list goes back for a day; later ones begin where the last ended.
INSERT INTO orders.comparisons (gateway, pass, compared_to)
VALUES ($1, $2, clock_timestamp() - interval '1 day')
ON CONFLICT (gateway, pass) DO NOTHING;

-- name: take_window
-- The window under way, or a new one from where the last ended up to a while ago; leased. No row:
-- somebody else is at it, or too little has happened since.
-- $1 gateway, $2 pass, $3 how long ago it ends, $4 how long it is at least, $5 lease
UPDATE orders.comparisons
SET leased_until = clock_timestamp() + $5::interval,
    window_to = coalesce(window_to, clock_timestamp() - $3::interval)
WHERE gateway = $1 AND pass = $2
    AND (leased_until IS NULL OR leased_until <= clock_timestamp())
    AND (window_to IS NOT NULL
        OR compared_to < clock_timestamp() - $3::interval - $4::interval)
RETURNING compared_to, window_to, cursor, leased_until;

-- name: ours
-- Our side of some payments, by the names that we gave them.
SELECT reference, event_id, order_id, state, amount, currency
FROM orders.attempts WHERE reference = ANY ($1::text[]);

-- name: note_strays
-- Payments to be looked at, the sooner time when they are known already. What a person has settled
-- in another way is left alone: its money would go back twice.
-- $1 gateway, $2 reference, $3 how long to wait first
INSERT INTO orders.strays AS s (gateway, reference, due_at)
SELECT $1, a.reference, clock_timestamp() + a.wait
FROM unnest($2::text[], $3::interval[]) AS a (reference, wait)
WHERE NOT EXISTS (
    SELECT FROM orders.breaks AS b
    WHERE b.kind = 'money_without_sale' AND b.reference = a.reference AND b.mended_why IS NOT NULL
)
ORDER BY a.reference
ON CONFLICT (gateway, reference) DO UPDATE SET due_at = least(s.due_at, excluded.due_at);

-- name: note_breaks
-- Differences that somebody must hear of, once each until they are mended.
INSERT INTO orders.breaks (kind, event_id, order_id, reference, detail)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS a (kind, event_id, order_id, reference, detail)
ORDER BY kind, reference
ON CONFLICT (kind, reference) WHERE reference IS NOT NULL AND mended_at IS NULL DO NOTHING;

-- name: mend_breaks
-- What differed agrees by now.
-- $1 kinds, $2 references
UPDATE orders.breaks SET mended_at = clock_timestamp()
WHERE kind = ANY ($1::text[]) AND reference = ANY ($2::text[]) AND reference IS NOT NULL
    AND mended_at IS NULL;

-- name: advance
-- A page is compared. Without a further cursor the window is, and the pass may rest. No row: the
-- lease had run out, and whoever has it now compares the page again.
-- $1 gateway, $2 pass, $3 our lease, $4 cursor or NULL, $5 lease
UPDATE orders.comparisons
SET cursor = $4,
    compared_to = CASE WHEN $4::text IS NULL THEN window_to ELSE compared_to END,
    window_to = CASE WHEN $4::text IS NULL THEN NULL ELSE window_to END,
    leased_until = CASE WHEN $4::text IS NULL THEN NULL
        ELSE clock_timestamp() + $5::interval END
WHERE gateway = $1 AND pass = $2 AND leased_until = $3
RETURNING leased_until;

-- name: lag
-- How long ago the end of what each pass has compared is.
SELECT gateway, pass, extract(epoch FROM clock_timestamp() - compared_to)::float8 AS seconds
FROM orders.comparisons;

-- name: due_strays
-- Strays to look at now, leased for longer than the look can take.
UPDATE orders.strays
SET leased_until = clock_timestamp() + $2::interval, looks = looks + 1
WHERE (gateway, reference) IN (
    SELECT gateway, reference FROM orders.strays
    WHERE due_at <= statement_timestamp()
        AND (leased_until IS NULL OR leased_until <= statement_timestamp())
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING gateway, reference, looks, hinted, due_at, leased_until;

-- name: end_stray
-- Nothing of it is left at the gateway. A notice that came meanwhile keeps it for another look.
WITH ended AS (
    DELETE FROM orders.strays
    WHERE gateway = $1 AND reference = $2 AND leased_until = $3 AND due_at = $4
    RETURNING reference
)
UPDATE orders.breaks SET mended_at = clock_timestamp()
WHERE kind = ANY ($5::text[]) AND reference IN (SELECT reference FROM ended)
    AND mended_at IS NULL;

-- name: rest_stray
-- The look is over: the lease ends; a time that was set meanwhile stands.
UPDATE orders.strays
SET leased_until = NULL,
    due_at = CASE WHEN due_at = $4 THEN clock_timestamp() + $5::interval ELSE due_at END
WHERE gateway = $1 AND reference = $2 AND leased_until = $3;
