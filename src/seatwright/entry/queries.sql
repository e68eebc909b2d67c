-- name: answered
-- The answer that a device was given for a scan of its own, with what it had scanned.
SELECT event_id, ticket_id, result, reason, shown, admitted_at, checked, code_hash
FROM admissions WHERE scanner = $1 AND scan_id = $2

-- name: admission
-- When and by which scan a ticket was let in; no row: it was not.
SELECT scanned_at, scanner, scan_id FROM admissions
WHERE event_id = $1 AND ticket_id = $2 AND result = 'admitted'

-- name: admit
-- Let a ticket in and tell orders, or, when it is inside already or the scan was answered, do
-- nothing: no row back. Two gates at once meet in the unique index; one of them gets the row.
WITH made AS (
    INSERT INTO admissions
        (id, event_id, ticket_id, result, gate, scanner, scan_id, code_hash, shown, checked,
         scanned_at, admitted_at)
    VALUES ($1, $2, $3, 'admitted', $4, $5, $6, $7, $8, $9, $10, $10)
    ON CONFLICT DO NOTHING
    RETURNING id
),
told AS (
    INSERT INTO outbox (subject, message_id, payload)
    SELECT told.subject, made.id || told.suffix, told.payload
    FROM made, (VALUES ($11, '', $12::bytea), ($13, '.told', $14::bytea))
        AS told (subject, suffix, payload)
)
SELECT id FROM made

-- name: refuse
-- Keep a refusal, so that the scan sent again is answered alike and gates can be compared.
INSERT INTO admissions
    (id, event_id, ticket_id, result, reason, gate, scanner, scan_id, code_hash, shown, checked,
     scanned_at, admitted_at)
VALUES ($1, $2, $3, 'refused', $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING
RETURNING id

-- name: attendance
-- How many were let in and how many refused, by gate and reason.
SELECT result, reason, coalesce(gate, '') AS gate, count(*) AS scans,
    count(*) FILTER (WHERE checked = 'offline') AS offline,
    min(scanned_at) AS first_at, max(scanned_at) AS last_at
FROM admissions WHERE event_id = $1 GROUP BY result, reason, coalesce(gate, '')
ORDER BY result, reason, gate
