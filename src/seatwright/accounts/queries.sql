-- name: person_by_email
-- Whoever proved this address, with what log-in compares.
SELECT id, email, email_key, name, phone, language, marketing_consent_at, password_hash, created_at
FROM people WHERE email_key = $1

-- name: person_by_id
-- A person who was not erased.
SELECT id, email, email_key, name, phone, language, marketing_consent_at, password_hash, created_at
FROM people WHERE id = $1 AND erased_at IS NULL

-- name: locked_person
-- The same, kept from changing until this transaction ends: password changes wait here.
SELECT id, email, email_key, name, phone, language, marketing_consent_at, password_hash, created_at
FROM people WHERE id = $1 AND erased_at IS NULL FOR UPDATE

-- name: add_person
-- From a proven registration; no row when somebody proved the address before.
INSERT INTO people (id, email, email_key, name, language, marketing_consent_at, password_hash)
SELECT $1, email, email_key, name, language,
    CASE WHEN marketing_consent THEN created_at END, password_hash
FROM registrations WHERE id = $2
ON CONFLICT (email_key) DO NOTHING
RETURNING id

-- name: edit_profile
-- Name, phone, language, consent; consent given before keeps its date.
UPDATE people SET name = $2, phone = $3, language = $4,
    marketing_consent_at = CASE WHEN $5 THEN coalesce(marketing_consent_at, clock_timestamp()) END
WHERE id = $1 AND erased_at IS NULL

-- name: set_password
-- The new hash.
UPDATE people SET password_hash = $2 WHERE id = $1 AND erased_at IS NULL

-- name: set_email
-- The new, proven address.
UPDATE people SET email = $2, email_key = $3 WHERE id = $1 AND erased_at IS NULL RETURNING id

-- name: erase_person
-- Nothing stays but the id.
UPDATE people SET email = NULL, email_key = NULL, name = '', phone = NULL,
    marketing_consent_at = NULL, password_hash = NULL, erased_at = clock_timestamp()
WHERE id = $1 AND erased_at IS NULL

-- name: add_registration
-- Kept until its link is followed, or swept.
INSERT INTO registrations (id, email, email_key, name, language, marketing_consent, password_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: newest_registration
-- The one whose link is sent again.
SELECT id, email, email_key, name, language FROM registrations
WHERE email_key = $1 AND created_at > statement_timestamp() - $2::interval
ORDER BY created_at DESC LIMIT 1

-- name: drop_registrations
-- The address is proven: whatever else was typed for it is void.
DELETE FROM registrations WHERE email_key = $1

-- name: add_link
-- A secret that goes out by mail.
INSERT INTO links (secret_hash, purpose, person, registration, email, email_key, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::interval)
RETURNING expires_at

-- name: link
-- How a link stands, without using it.
SELECT purpose, person, registration, email, email_key, used_at IS NOT NULL AS used,
    expires_at <= clock_timestamp() AS expired
FROM links WHERE secret_hash = $1 AND purpose = ANY($2::text[])

-- name: use_link
-- Once: of two at the same time, the second finds it used.
UPDATE links SET used_at = clock_timestamp()
WHERE secret_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > clock_timestamp()
RETURNING person, registration, email, email_key

-- name: drop_links
-- A changed password or address voids what was mailed before; what was used stays told apart.
DELETE FROM links WHERE person = $1 AND used_at IS NULL

-- name: drop_all_links
-- For an erased person: links carry addresses.
DELETE FROM links WHERE person = $1 OR email_key = $2

-- name: add_session
-- A new session.
INSERT INTO sessions (id, secret_hash, person, device) VALUES ($1, $2, $3, $4)
RETURNING created_at

-- name: trim_sessions
-- The newest stay.
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE person = $1 ORDER BY created_at DESC OFFSET $2
)

-- name: session
-- Whose session this is and what they may do, when it has not ended. $2 staff idle, $3 staff
-- absolute, $4 buyer absolute: whoever works for an organisation now is staff now.
SELECT s.id AS session, p.id AS person, p.name, p.email, held.organisations, held.roles
FROM sessions s
JOIN people p ON p.id = s.person
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(m.organisation ORDER BY m.organisation), '{}') AS organisations,
        coalesce(array_agg(m.role ORDER BY m.organisation), '{}') AS roles
    FROM members m WHERE m.email_key = p.email_key
) held
WHERE s.secret_hash = $1 AND p.erased_at IS NULL
AND CASE WHEN cardinality(held.organisations) > 0
    THEN s.created_at > clock_timestamp() - $3::interval
        AND s.last_seen_at > clock_timestamp() - $2::interval
    ELSE s.created_at > clock_timestamp() - $4::interval END

-- name: sessions_of
-- A person's sessions, newest first; `current` is the one with this secret.
SELECT id, device, created_at, last_seen_at, secret_hash = $2 AS current
FROM sessions WHERE person = $1 AND created_at > statement_timestamp() - $3::interval
ORDER BY created_at DESC

-- name: drop_session
-- One of a person's own.
DELETE FROM sessions WHERE person = $1 AND id = $2 RETURNING id

-- name: drop_session_by_secret
-- Whoever holds it ends it.
DELETE FROM sessions WHERE secret_hash = $1 RETURNING id, person

-- name: drop_sessions
-- All of a person but the one with this secret ('' spares none).
DELETE FROM sessions WHERE person = $1 AND secret_hash <> $2 RETURNING id

-- name: mark_seen
-- Sessions that were used; rows written within the last while, or being written, are left alone.
UPDATE sessions SET last_seen_at = clock_timestamp() WHERE id IN (
    SELECT id FROM sessions
    WHERE id = ANY($1::text[]) AND last_seen_at < clock_timestamp() - $2::interval
    FOR UPDATE SKIP LOCKED
)

-- name: roles_of
-- What somebody is, where.
SELECT organisation, role FROM members WHERE email_key = $1 ORDER BY organisation

-- name: members_of
-- A page of an organisation's people.
SELECT id, email, role, since FROM members
WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: locked_members
-- All of an organisation, kept from changing: two owners must not dismiss each other at once.
SELECT id, email, email_key, role, since FROM members WHERE organisation = $1 ORDER BY id FOR UPDATE

-- name: lock_first_owner
-- Two first owners at once: there is no row yet that could be locked.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0))

-- name: put_member
-- Appoint, or change the role.
INSERT INTO members (id, organisation, email, email_key, role, appointed_by)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (organisation, email_key)
DO UPDATE SET role = excluded.role, appointed_by = excluded.appointed_by, since = clock_timestamp()
RETURNING id, email, role, since

-- name: drop_member
-- Dismiss.
DELETE FROM members WHERE organisation = $1 AND id = $2 RETURNING email_key

-- name: solely_owned
-- Organisations that would be without an owner if this address were gone. Locks their owners.
SELECT mine.organisation FROM members mine
WHERE mine.email_key = $1 AND mine.role = 'owner' AND NOT EXISTS (
    SELECT FROM members other
    WHERE other.organisation = mine.organisation AND other.role = 'owner' AND other.id <> mine.id
)

-- name: lock_owners
-- Owners of every organisation that this address owns, kept from changing.
SELECT id FROM members
WHERE role = 'owner' AND organisation IN (
    SELECT organisation FROM members WHERE email_key = $1 AND role = 'owner'
)
ORDER BY id FOR UPDATE

-- name: drop_membership
-- A person leaves everywhere.
DELETE FROM members WHERE email_key = $1

-- name: move_membership
-- The person's address has changed; where the new one was appointed already, the old role ends.
UPDATE members mine SET email = $2, email_key = $3
WHERE mine.email_key = $1 AND NOT EXISTS (
    SELECT FROM members other WHERE other.organisation = mine.organisation AND other.email_key = $3
)

-- name: add_token
-- A new API token; no row when the id is taken (the same request again).
INSERT INTO tokens (
    id, organisation, name, scopes, secret_hash, request_hash, made_by, parent, expires_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING
RETURNING made_at

-- name: put_demo_token
-- The demo's tokens are the same at every start.
INSERT INTO tokens (id, organisation, name, scopes, secret_hash, request_hash, made_by)
VALUES ($1, $2, $3, $4, $5, '', 'demo')
ON CONFLICT (id) DO UPDATE SET scopes = excluded.scopes, secret_hash = excluded.secret_hash,
    revoked_at = NULL, revoked_by = NULL

-- name: token_by_id
-- A token that works now, as does the one that made it.
SELECT t.id, t.organisation, t.name, t.scopes, t.secret_hash FROM tokens t
LEFT JOIN tokens parent ON parent.id = t.parent
WHERE t.id = $1 AND t.revoked_at IS NULL AND parent.revoked_at IS NULL
AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
AND (parent.expires_at IS NULL OR parent.expires_at > clock_timestamp())

-- name: token_made
-- What an earlier request with the same key has made.
SELECT id, organisation, name, scopes, request_hash, made_at, expires_at, last_used_at
FROM tokens WHERE id = $1

-- name: tokens_of
-- A page of an organisation's tokens; revoked ones are gone for everybody.
SELECT id, name, scopes, made_at, expires_at, last_used_at FROM tokens
WHERE organisation = $1 AND revoked_at IS NULL AND id > $2 ORDER BY id LIMIT $3

-- name: count_tokens
-- For the limit on them.
SELECT count(*) FROM tokens WHERE organisation = $1 AND revoked_at IS NULL

-- name: revoke_token
-- A token, and whatever was made with it.
UPDATE tokens SET revoked_at = clock_timestamp(), revoked_by = $3
WHERE organisation = $1 AND (id = $2 OR parent = $2) AND revoked_at IS NULL
RETURNING id

-- name: mark_used
-- Tokens that were used; rows written within the last while, or being written, are left alone.
UPDATE tokens SET last_used_at = clock_timestamp() WHERE id IN (
    SELECT id FROM tokens
    WHERE id = ANY($1::text[])
    AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - $2::interval)
    FOR UPDATE SKIP LOCKED
)

-- name: record
-- One line of the audit log.
INSERT INTO audit (actor, action, person, organisation, subject, ip_hash)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: recorded_of_person
-- The newest lines about a person, for their export.
SELECT at, action, organisation, subject FROM audit WHERE person = $1 ORDER BY id DESC LIMIT $2

-- name: post
-- A letter, sent when this transaction has happened.
INSERT INTO outbox (subject, message_id, payload) VALUES ($1, $2, $3)

-- name: sweep_sessions
-- Ended for everybody.
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE created_at < statement_timestamp() - $1::interval LIMIT $2
)
RETURNING id

-- name: sweep_links
-- Ended long ago.
DELETE FROM links WHERE secret_hash IN (
    SELECT secret_hash FROM links WHERE expires_at < statement_timestamp() - $1::interval LIMIT $2
)
RETURNING purpose

-- name: sweep_registrations
-- Never proven in time.
DELETE FROM registrations WHERE id IN (
    SELECT id FROM registrations WHERE created_at < statement_timestamp() - $1::interval LIMIT $2
)
RETURNING id
