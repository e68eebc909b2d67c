-- name: keep_organisation
-- Adds an organisation, or brings its name and colour up to date; the id never moves.
INSERT INTO organisations (id, name, slug, accent) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, slug = excluded.slug, accent = excluded.accent
WHERE (organisations.name, organisations.slug, organisations.accent)
    IS DISTINCT FROM (excluded.name, excluded.slug, excluded.accent);

-- name: organisation
-- One organisation by id.
SELECT id, name, slug, accent, reply_to FROM organisations WHERE id = $1;

-- name: add_organisation
-- A new organisation; nothing when its address is taken, also at the very same moment.
INSERT INTO organisations (id, name, slug, accent, reply_to) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (slug) DO NOTHING
RETURNING id;

-- name: brand_organisation
-- What buyers know an organisation by; its slug and id stay.
UPDATE organisations SET name = $2, accent = $3, reply_to = $4 WHERE id = $1
RETURNING id, name, slug, accent, reply_to;

-- name: organisation_called
-- The organisation of a slug or an id.
SELECT id, name, slug, accent, reply_to FROM organisations WHERE slug = $1 OR id = $1
ORDER BY slug = $1 DESC LIMIT 1;

-- name: organisations
-- All organisations, by slug, behind $1.
SELECT id, name, slug, accent, reply_to FROM organisations WHERE slug > $1 ORDER BY slug LIMIT $2;

-- name: remember_key
-- Takes an idempotency key for what is being made; answers nothing when it is taken already.
INSERT INTO idempotency (principal, key, fingerprint, made) VALUES ($1, $2, $3, $4)
ON CONFLICT (principal, key) DO NOTHING
RETURNING made;

-- name: remembered_key
-- What a key made before.
SELECT fingerprint, made FROM idempotency WHERE principal = $1 AND key = $2;

-- name: forget_keys
-- Drops keys that no client repeats any more.
DELETE FROM idempotency WHERE created_at < statement_timestamp() - $1::interval;

-- name: add_venue
-- A new venue; a second one with the same id changes nothing.
INSERT INTO venues (id, organisation, content) VALUES ($1, $2, $3)
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: venue
-- A venue of an organisation.
SELECT id, content, version, created_at, changed_at FROM venues
WHERE id = $1 AND organisation = $2;

-- name: edit_venue
-- Replaces a venue if it still is the version that was edited.
UPDATE venues SET content = $3, version = version + 1, changed_at = clock_timestamp()
WHERE id = $1 AND organisation = $2 AND version = $4
RETURNING id, content, version, created_at, changed_at;

-- name: venues_page
-- Venues of an organisation, newest first, behind the id $2.
SELECT id, content, version, created_at, changed_at FROM venues
WHERE organisation = $1 AND ($2::text IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3;

-- name: add_chart
-- A new draft; a second one with the same id changes nothing.
INSERT INTO charts (id, organisation, name, seat_count, draft) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: edit_chart
-- Replaces a draft if it still is the version that was edited.
UPDATE charts
SET name = $3, seat_count = $4, draft = $5, version = version + 1, changed_at = clock_timestamp()
WHERE id = $1 AND organisation = $2 AND version = $6
RETURNING id;

-- name: chart
-- A draft of an organisation without its seats.
SELECT id, name, seat_count, version, created_at, changed_at FROM charts
WHERE id = $1 AND organisation = $2;

-- name: chart_draft
-- The seats of a draft.
SELECT draft FROM charts WHERE id = $1 AND organisation = $2;

-- name: charts_page
-- Drafts of an organisation, newest first, behind the id $2.
SELECT id, name, seat_count, version, created_at, changed_at FROM charts
WHERE organisation = $1 AND ($2::text IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3;

-- name: add_chart_version
-- Records a published version; publishing the same draft again changes nothing.
INSERT INTO chart_versions (chart, hash, organisation, seat_count, accessible, categories)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (chart, hash) DO NOTHING;

-- name: chart_versions
-- The published versions of some drafts, oldest first.
SELECT chart, hash, seat_count, accessible, categories, published_at FROM chart_versions
WHERE chart = ANY ($1::text[])
ORDER BY published_at, hash;

-- name: chart_version_of_organisation
-- A version by its hash, if the organisation has published it.
SELECT hash, seat_count, accessible, categories FROM chart_versions
WHERE organisation = $1 AND hash = $2
LIMIT 1;

-- name: add_event
-- A new event; a second one with the same id changes nothing.
INSERT INTO events (id, organisation, slug, venue, content) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: event
-- An event of an organisation, with the version buyers see.
SELECT e.id, e.state, e.content, e.version, e.created_at, e.changed_at,
    d.version AS published_version
FROM events e LEFT JOIN documents d ON d.event = e.id
WHERE e.id = $1 AND e.organisation = $2;

-- name: lock_event
-- The same, and nobody else edits or publishes it until the transaction ends.
SELECT e.id, e.state, e.content, e.version, e.created_at, e.changed_at,
    (SELECT d.version FROM documents d WHERE d.event = e.id) AS published_version
FROM events e
WHERE e.id = $1 AND e.organisation = $2
FOR UPDATE OF e;

-- name: events_page
-- Events of an organisation, newest first, behind the id $2.
SELECT e.id, e.state, e.content, e.version, e.created_at, e.changed_at,
    d.version AS published_version
FROM events e LEFT JOIN documents d ON d.event = e.id
WHERE e.organisation = $1 AND ($2::text IS NULL OR e.id < $2)
ORDER BY e.id DESC LIMIT $3;

-- name: edit_event
-- Replaces what the organiser writes; the row is locked by lock_event.
UPDATE events
SET slug = $2, venue = $3, content = $4, version = version + 1, changed_at = clock_timestamp()
WHERE id = $1
RETURNING version, changed_at;

-- name: move_event
-- Moves an event to another state; the row is locked by lock_event.
UPDATE events SET state = $2, version = version + 1, changed_at = clock_timestamp()
WHERE id = $1
RETURNING version, changed_at;

-- name: keep_document
-- Replaces an event's document by its next version, in the transaction that moves the event.
INSERT INTO documents (event, version, body) VALUES ($1, $2, $3)
ON CONFLICT (event) DO UPDATE
SET version = excluded.version, body = excluded.body, changed_at = clock_timestamp()
WHERE documents.version < excluded.version
RETURNING version;

-- name: document
-- The document of one event.
SELECT body FROM documents WHERE event = $1;

-- name: document_versions
-- Which version of every event should be in the bucket.
SELECT event, version FROM documents;

-- name: documents
-- The documents of some events.
SELECT event, version, body FROM documents WHERE event = ANY ($1::text[]);
