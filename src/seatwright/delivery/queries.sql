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
