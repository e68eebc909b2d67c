-- Accounts: people, how they prove who they are, and what they may do for an organisation. A secret
-- is never stored: passwords as argon2id, bearer secrets as SHA-256 of 192 random bits.

CREATE TABLE accounts.people (
    id text COLLATE "C" PRIMARY KEY,
    email text,
    -- the address as it is compared: case folded, domain in ASCII
    email_key text COLLATE "C",
    name text NOT NULL,
    phone text COLLATE "C",
    language text COLLATE "C" NOT NULL,
    -- when they said yes to marketing; NULL means no
    marketing_consent_at timestamptz,
    password_hash text COLLATE "C",
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at timestamptz,
    -- An erased person keeps nothing but the id that other services' fiscal rows name.
    CHECK (
        (erased_at IS NULL) = (email IS NOT NULL)
        AND (erased_at IS NULL) = (email_key IS NOT NULL)
        AND (erased_at IS NULL) = (password_hash IS NOT NULL)
        AND (erased_at IS NULL OR (name = '' AND phone IS NULL AND marketing_consent_at IS NULL))
    )
);

-- Serves: log-in. Decides the race of two people who prove the same address at once.
CREATE UNIQUE INDEX people_email ON accounts.people (email_key);

-- What somebody typed to register. It becomes a person only when the mailed link is followed, so an
-- address that was not proven is neither taken nor told apart from one that is (no enumeration).
CREATE TABLE accounts.registrations (
    id text COLLATE "C" PRIMARY KEY,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    language text COLLATE "C" NOT NULL,
    marketing_consent boolean NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Serves: sending the link again, and dropping the rest when one is proven.
CREATE INDEX registrations_email ON accounts.registrations (email_key, created_at);
-- Serves: the sweeper.
CREATE INDEX registrations_age ON accounts.registrations (created_at);

-- Secrets that went out by mail.
CREATE TABLE accounts.links (
    secret_hash bytea PRIMARY KEY,
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('register', 'change_email', 'reset_password')),
    person text COLLATE "C" REFERENCES accounts.people (id),
    -- gone once it has become a person
    registration text COLLATE "C" REFERENCES accounts.registrations (id) ON DELETE SET NULL,
    -- the address that the link proves, and was sent to
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK (purpose = 'register' OR person IS NOT NULL)
);

-- Serves: taking back a person's links when the password or the address changes.
CREATE INDEX links_person ON accounts.links (person);
-- Serves: forgetting a person whose address stands in links from before they were one.
CREATE INDEX links_email ON accounts.links (email_key);
-- Serves: `ON DELETE SET NULL` of registrations.
CREATE INDEX links_registration ON accounts.links (registration);
-- Serves: the sweeper.
CREATE INDEX links_age ON accounts.links (expires_at);

CREATE TABLE accounts.sessions (
    id text COLLATE "C" PRIMARY KEY,
    secret_hash bytea NOT NULL,
    person text COLLATE "C" NOT NULL REFERENCES accounts.people (id),
    device text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- at most a minute behind; touches no index, so the row stays in its page
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);

-- Serves: every request with a cookie.
CREATE UNIQUE INDEX sessions_secret ON accounts.sessions (secret_hash);
-- Serves: listing and revoking a person's sessions, newest first.
CREATE INDEX sessions_person ON accounts.sessions (person, created_at);
-- Serves: the sweeper.
CREATE INDEX sessions_age ON accounts.sessions (created_at);

-- Who works for whom. By address, not by person: somebody may be appointed before they have an
-- account, and nobody learns from it whether they have one.
CREATE TABLE accounts.members (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'manager', 'box_office', 'gate')),
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    appointed_by text COLLATE "C" NOT NULL,
    -- One role a person in an organisation: decides the race of two appointments.
    UNIQUE (organisation, email_key)
);

-- Serves: what a session's person may do.
CREATE INDEX members_email ON accounts.members (email_key);

CREATE TABLE accounts.tokens (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    name text NOT NULL,
    scopes text[] COLLATE "C" NOT NULL CHECK (cardinality(scopes) > 0),
    secret_hash bytea NOT NULL,
    -- the request that made it, to tell a repeat with the same idempotency key from another one
    request_hash bytea NOT NULL,
    made_by text COLLATE "C" NOT NULL,
    -- the token that made this one: it falls together with it
    parent text COLLATE "C" REFERENCES accounts.tokens (id),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    -- at most a minute behind; touches no index
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text COLLATE "C",
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) WITH (fillfactor = 70);

-- Serves: an organisation's list of tokens.
CREATE INDEX tokens_organisation ON accounts.tokens (organisation, id) WHERE revoked_at IS NULL;
-- Serves: revoking what a token has made.
CREATE INDEX tokens_parent ON accounts.tokens (parent) WHERE parent IS NOT NULL;

-- What happened to accounts, for the people concerned and for whoever must find out later. The
-- service may add to it and read it, nothing else.
CREATE TABLE accounts.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- who did it: `person:…`, `token:…`, `guest`, or `operator` at the command line
    actor text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    person text COLLATE "C",
    organisation text COLLATE "C",
    -- what it was done to: a session, a token, a role
    subject text COLLATE "C",
    -- keyed hash of the address it came from: tells same from other, and nothing else
    ip_hash text COLLATE "C"
);

-- Serves: a person's own export.
CREATE INDEX audit_person ON accounts.audit (person, id) WHERE person IS NOT NULL;
-- Serves: an organisation's audit log.
CREATE INDEX audit_organisation ON accounts.audit (organisation, id) WHERE organisation IS NOT NULL;

CREATE TABLE accounts.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz
) WITH (fillfactor = 60);

GRANT SELECT, INSERT, UPDATE ON accounts.people, accounts.tokens TO seatwright_accounts;
GRANT SELECT, INSERT, UPDATE, DELETE
ON accounts.links, accounts.sessions, accounts.members, accounts.outbox TO seatwright_accounts;
GRANT SELECT, INSERT, DELETE ON accounts.registrations TO seatwright_accounts;
GRANT SELECT, INSERT ON accounts.audit TO seatwright_accounts;
