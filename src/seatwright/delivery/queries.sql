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

-- name: add_endpoint
-- A new endpoint; nothing when the same request made it before.
INSERT INTO webhook_endpoints (id, organisation, url, kinds, contact, language, fingerprint)
SELECT $1, $2, $3, $4::text[], $5, $6, $7
WHERE (
    SELECT count(*) FROM webhook_endpoints WHERE organisation = $2 AND removed_at IS NULL
) < $8::integer
ON CONFLICT (id) DO NOTHING

-- name: endpoint
SELECT id, organisation, url, kinds, contact, language, fingerprint, generation, rotated_at,
    created_at, failing_since, disabled_at
FROM webhook_endpoints WHERE id = $1 AND organisation = $2 AND removed_at IS NULL

-- name: endpoints
-- An organisation's endpoints, newest first; there are few.
SELECT id, organisation, url, kinds, contact, language, fingerprint, generation, rotated_at,
    created_at, failing_since, disabled_at
FROM webhook_endpoints WHERE organisation = $1 AND removed_at IS NULL ORDER BY id DESC

-- name: edit_endpoint
-- Change where it is and what it hears of. Switching it on forgets that it failed; switched off,
-- what waits for it is given up and stays in its log.
WITH changed AS (
    UPDATE webhook_endpoints SET
        url = $3,
        kinds = $4::text[],
        contact = $5,
        disabled_at = CASE WHEN $6 THEN NULL ELSE coalesce(disabled_at, clock_timestamp()) END,
        failing_since = CASE WHEN $6 AND disabled_at IS NOT NULL THEN NULL ELSE failing_since END
    WHERE id = $1 AND organisation = $2 AND removed_at IS NULL
    RETURNING id
),
ended AS (
    UPDATE webhook_deliveries AS d
    SET state = 'failed', due_at = NULL, reason = 'switched off', settled_at = clock_timestamp()
    FROM changed WHERE d.endpoint = changed.id AND d.state = 'pending' AND NOT $6
)
SELECT id FROM changed

-- name: remove_endpoint
-- Its log stays; what waits for it is given up.
WITH gone AS (
    UPDATE webhook_endpoints SET removed_at = clock_timestamp()
    WHERE id = $1 AND organisation = $2 AND removed_at IS NULL RETURNING id
),
ended AS (
    UPDATE webhook_deliveries AS d
    SET state = 'failed', due_at = NULL, reason = 'removed', settled_at = clock_timestamp()
    FROM gone WHERE d.endpoint = gone.id AND d.state = 'pending'
)
SELECT id FROM gone

-- name: rotate_secret
-- The next secret, unless the one that is to follow $3 is there already.
UPDATE webhook_endpoints SET generation = generation + 1, rotated_at = clock_timestamp()
WHERE id = $1 AND organisation = $2 AND generation = $3 AND removed_at IS NULL
RETURNING id

-- name: record_message
-- Keep what happened for all endpoints that want to hear of it; once, and not at all for nobody.
-- An endpoint that is off has it in its log, to be replayed.
WITH heard AS (
    SELECT id, disabled_at FROM webhook_endpoints
    WHERE organisation = $2 AND removed_at IS NULL AND $3 = ANY (kinds)
),
kept AS (
    INSERT INTO webhook_messages (id, organisation, kind, body)
    SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM heard)
    ON CONFLICT (id) DO NOTHING RETURNING id
)
INSERT INTO webhook_deliveries (id, endpoint, message, state, due_at, reason, settled_at)
SELECT $5 || '.' || heard.id, heard.id, kept.id,
    CASE WHEN heard.disabled_at IS NULL THEN 'pending' ELSE 'failed' END,
    CASE WHEN heard.disabled_at IS NULL THEN clock_timestamp() END,
    CASE WHEN heard.disabled_at IS NOT NULL THEN 'switched off' END,
    CASE WHEN heard.disabled_at IS NOT NULL THEN clock_timestamp() END
FROM heard, kept

-- name: take_webhooks
-- The deliveries that are due, for a while; each is counted as attempted from now on. Where an
-- endpoint was switched off meanwhile they wait, and nothing goes there.
WITH due AS (
    SELECT d.id FROM webhook_deliveries AS d
    WHERE d.state = 'pending' AND d.due_at <= statement_timestamp()
        AND (d.leased_until IS NULL OR d.leased_until < clock_timestamp())
        -- one look-up a row, never the table
        AND (
            SELECT e.disabled_at IS NULL AND e.removed_at IS NULL
            FROM webhook_endpoints AS e WHERE e.id = d.endpoint
        )
    ORDER BY d.due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE webhook_deliveries AS d SET
    leased_until = clock_timestamp() + $2::interval,
    attempt_count = d.attempt_count + 1,
    attempted_at = clock_timestamp()
FROM due, webhook_endpoints AS e, webhook_messages AS m
WHERE d.id = due.id AND e.id = d.endpoint AND m.id = d.message
RETURNING d.id, d.attempt_count, d.message, m.body, m.kind, e.id AS endpoint, e.organisation, e.url,
    e.contact, e.language, e.generation, e.rotated_at

-- name: webhooks_waiting
-- How many are due and not yet sent.
SELECT count(*) FROM webhook_deliveries AS d
WHERE d.state = 'pending' AND d.due_at <= statement_timestamp()
    AND (
        SELECT e.disabled_at IS NULL AND e.removed_at IS NULL
        FROM webhook_endpoints AS e WHERE e.id = d.endpoint
    )

-- name: settle_webhook
-- How attempt $2 ended: $3 sent, or to be tried again in $6, or given up when that is NULL. An
-- attempt that another has followed changes nothing any more.
WITH settled AS (
    UPDATE webhook_deliveries SET
        state = CASE WHEN $3 THEN 'sent' WHEN $6::interval IS NULL THEN 'failed' ELSE 'pending' END,
        due_at = CASE WHEN NOT $3 THEN clock_timestamp() + $6::interval END,
        status = $4,
        reason = $5,
        leased_until = NULL,
        settled_at = CASE WHEN $3 OR $6::interval IS NULL THEN clock_timestamp() END
    WHERE id = $1 AND attempt_count = $2 AND state = 'pending'
    RETURNING endpoint
)
UPDATE webhook_endpoints AS e SET
    failing_since = CASE WHEN $3 THEN NULL ELSE coalesce(e.failing_since, clock_timestamp()) END
FROM settled WHERE e.id = settled.endpoint AND ($3 <> (e.failing_since IS NULL) OR NOT $3)
RETURNING e.failing_since, clock_timestamp() - e.failing_since AS failing_for

-- name: disable_endpoint
-- Switch off an endpoint that nothing has reached for so long; what waits for it is given up.
WITH gone AS (
    UPDATE webhook_endpoints SET disabled_at = clock_timestamp()
    WHERE id = $1 AND disabled_at IS NULL
        AND ($3 OR failing_since < clock_timestamp() - $2::interval)
    RETURNING id
),
ended AS (
    UPDATE webhook_deliveries AS d
    SET state = 'failed', due_at = NULL, settled_at = clock_timestamp()
    FROM gone WHERE d.endpoint = gone.id AND d.state = 'pending'
)
SELECT id FROM gone

-- name: webhook_log
-- What an endpoint was sent, newest first, behind the id $2.
SELECT d.id, d.message, m.kind, m.body, d.state, d.attempt_count, d.attempted_at, d.status,
    d.reason, d.due_at, d.created_at
FROM webhook_deliveries AS d JOIN webhook_messages AS m ON m.id = d.message
WHERE d.endpoint = $1 AND ($2::text IS NULL OR d.id < $2)
ORDER BY d.id DESC LIMIT $3

-- name: replay_webhook
-- Send it again, from the first attempt on; what is under way stays so.
UPDATE webhook_deliveries SET
    state = 'pending', due_at = clock_timestamp(), attempt_count = 0, settled_at = NULL
WHERE id = $1 AND endpoint = $2 AND state <> 'pending'
RETURNING id

-- name: webhook_there
SELECT id FROM webhook_deliveries WHERE id = $1 AND endpoint = $2

-- name: forget_webhooks
-- Drop what has been in the log for so long and is not tried any more.
DELETE FROM webhook_deliveries
WHERE created_at < statement_timestamp() - $1::interval AND state <> 'pending'

-- name: forget_messages
-- Drop what happened so long ago and is in nobody's log.
DELETE FROM webhook_messages AS m
WHERE m.created_at < statement_timestamp() - $1::interval
    AND NOT EXISTS (SELECT FROM webhook_deliveries AS d WHERE d.message = m.id)
