-- name: standing
-- What became of a mail so far; no row means that nobody began it.
SELECT state FROM deliveries WHERE id = $1

-- name: begin
-- Take a mail to send it: new, failed before, or left behind by a process whose time ran out.
-- The latter may have left already, so it counts as in doubt; after two such attempts nobody
-- takes it any more (I-Q1: a mail comes at most twice). No row back means: not yours to send.
WITH taken AS (
    INSERT INTO deliveries AS d
        (id, kind, event_id, order_id, seq, recipient, message_id, state, attempt_count, until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'sending', 1, clock_timestamp() + $8::interval)
    ON CONFLICT (id) DO UPDATE SET
        state = 'sending',
        recipient = excluded.recipient,
        attempt_count = d.attempt_count + 1,
        doubt_count = d.doubt_count + (d.state = 'sending')::integer,
        until = excluded.until
    WHERE d.state = 'failed'
       OR (d.state = 'sending' AND d.until < clock_timestamp() AND d.doubt_count < 1)
    RETURNING d.id, d.attempt_count
)
INSERT INTO attempts (delivery_id, number) SELECT id, attempt_count FROM taken RETURNING number

-- name: settle
-- Write down how attempt $2 ended: sent, failed (certainly not sent) or doubt.
-- An attempt whose time ran out and that another has followed changes nothing any more.
WITH closed AS (
    UPDATE attempts SET ended_at = clock_timestamp(), outcome = $3, reason = $4
    WHERE delivery_id = $1 AND number = $2
    RETURNING delivery_id
)
UPDATE deliveries AS d SET
    state = CASE
        WHEN $3 = 'doubt' AND d.doubt_count < 1 THEN 'failed'
        WHEN $3 = 'doubt' THEN 'in_doubt'
        ELSE $3
    END,
    doubt_count = d.doubt_count + ($3 = 'doubt')::integer,
    settled_at = clock_timestamp(),
    until = NULL
FROM closed
WHERE d.id = closed.delivery_id AND d.attempt_count = $2 AND d.state = 'sending'
RETURNING d.state


-- name: told
-- What buyers were last told of an event; locked, so that a difference is found once.
SELECT document_version, state, starts_at, ends_at, doors_at, place FROM events
WHERE event_id = $1 FOR UPDATE

-- name: to_come
-- The events that may still change for somebody: those not over.
SELECT event_id FROM events WHERE ends_at > statement_timestamp()

-- name: tell
-- Keep what is told from now on; an older document changes nothing.
INSERT INTO events AS e
    (event_id, document_version, state, starts_at, ends_at, doors_at, place)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (event_id) DO UPDATE SET
    document_version = excluded.document_version,
    state = excluded.state,
    starts_at = excluded.starts_at,
    ends_at = excluded.ends_at,
    doors_at = excluded.doors_at,
    place = excluded.place,
    seen_at = clock_timestamp()
WHERE e.document_version < excluded.document_version

-- name: begin_round
-- A round that was begun before is not begun again.
INSERT INTO rounds (event_id, kind, number, said) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING

-- name: take_round
-- The oldest round that nobody works on, for a while.
UPDATE rounds SET leased_until = clock_timestamp() + $1::interval
WHERE (event_id, kind, number) = (
    SELECT r.event_id, r.kind, r.number FROM rounds AS r
    WHERE r.ended_at IS NULL AND r.began_at <= statement_timestamp()
        AND (r.leased_until IS NULL OR r.leased_until < clock_timestamp())
    ORDER BY r.began_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING event_id, kind, number, said, told_to

-- name: advance_round
-- So many more orders have their message, up to $4; the lease begins anew. No row back: somebody
-- else has gone on meanwhile.
UPDATE rounds SET
    told_to = $5,
    order_count = order_count + $6,
    leased_until = CASE WHEN $7 THEN NULL ELSE clock_timestamp() + $8::interval END,
    ended_at = CASE WHEN $7 THEN clock_timestamp() END
WHERE event_id = $1 AND kind = $2 AND number = $3 AND told_to = $4 AND ended_at IS NULL
RETURNING told_to
