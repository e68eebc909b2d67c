-- The schema that everything began with, after db/roles.sql. It is history: a change is a migration.
-- It makes tables that nobody uses yet, so nothing in it can block anybody:
-- squawk-ignore-file

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

-- The catalogue: what is offered, where, and in which published version. Buyers never wait for
-- these tables: they read documents from each process's memory.

CREATE TABLE catalog.organisations (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    -- Two organisations at one address would be one organisation to a buyer.
    slug text COLLATE "C" NOT NULL UNIQUE,
    accent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE catalog.venues (
    id text COLLATE "C" PRIMARY KEY,
    -- No venue without its owner: what is not yours is looked for by (organisation, id).
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    content jsonb NOT NULL,
    -- Raised by every edit; `If-Match` compares it (lost updates).
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Serves venues_page: an organisation's venues, newest first.
CREATE INDEX venues_by_organisation ON catalog.venues (organisation, id DESC);

CREATE TABLE catalog.charts (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    name text NOT NULL,
    seat_count integer NOT NULL,
    -- The draft, msgpack compressed with zlib: 70,000 seats are about a megabyte.
    draft bytea NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- A megabyte that is compressed already is not compressed again.
ALTER TABLE catalog.charts ALTER COLUMN draft SET STORAGE EXTERNAL;
-- Serves charts_page.
CREATE INDEX charts_by_organisation ON catalog.charts (organisation, id DESC);

CREATE TABLE catalog.chart_versions (
    chart text COLLATE "C" NOT NULL REFERENCES catalog.charts,
    -- Names the immutable file; the same draft published twice is the same version.
    hash text COLLATE "C" NOT NULL CHECK (hash ~ '^[0-9a-f]{16,64}$'),
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    seat_count integer NOT NULL CHECK (seat_count > 0),
    accessible boolean NOT NULL,
    -- [{key, name, color, seats}] in the chart's order: all that pricing needs of the file.
    categories jsonb NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (chart, hash)
);
-- Serves chart_version_of_organisation: may this organisation sell from this file?
CREATE INDEX chart_versions_by_organisation ON catalog.chart_versions (organisation, hash);

CREATE TABLE catalog.events (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    -- The address of the event's page, for the whole platform; also in `content`.
    slug text COLLATE "C" NOT NULL CONSTRAINT events_slug_key UNIQUE,
    -- An event takes place somewhere that exists; also in `content`.
    venue text COLLATE "C" NOT NULL REFERENCES catalog.venues,
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'published', 'paused', 'cancelled')),
    -- What the organiser is writing; what buyers see is in `documents`.
    content jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Serves events_page.
CREATE INDEX events_by_organisation ON catalog.events (organisation, id DESC);

-- The truth behind the bucket `events` of the broker, which may be lost and is rebuilt from here.
CREATE TABLE catalog.documents (
    event text COLLATE "C" PRIMARY KEY REFERENCES catalog.events,
    version bigint NOT NULL CHECK (version > 0),
    body bytea NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE catalog.idempotency (
    principal text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    made text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Two requests with one key at once: the second waits here for the first, then repeats it.
    PRIMARY KEY (principal, key)
);
-- Serves forget_keys.
CREATE INDEX idempotency_by_age ON catalog.idempotency (created_at);

GRANT SELECT, INSERT, UPDATE ON catalog.organisations, catalog.venues, catalog.charts,
    catalog.events, catalog.documents TO seatwright_catalog;
GRANT SELECT, INSERT ON catalog.chart_versions TO seatwright_catalog;
GRANT SELECT, INSERT, DELETE ON catalog.idempotency TO seatwright_catalog;

-- Mails that leave the house, and every attempt to send them.

CREATE TABLE delivery.deliveries (
    -- Made from what the mail is about, so the primary key decides the race of two workers that
    -- were handed the same message (query `begin`).
    id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL,
    event_id text COLLATE "C",
    order_id text COLLATE "C",
    seq integer NOT NULL,
    recipient text NOT NULL,
    message_id text NOT NULL,
    -- failed: certainly not sent, will be tried again; in_doubt: two attempts without an answer.
    state text NOT NULL CHECK (state IN ('sending', 'sent', 'failed', 'in_doubt')),
    attempt_count integer NOT NULL CHECK (attempt_count >= 1),
    -- Attempts that may have arrived without our knowing (I-Q1: at most two copies).
    doubt_count integer NOT NULL DEFAULT 0 CHECK (doubt_count BETWEEN 0 AND 2),
    -- Until when the process that sends it is believed to live.
    until timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    -- A mail is about an order of an event, or about neither.
    CHECK ((event_id IS NULL) = (order_id IS NULL)),
    -- Only a mail that is being sent has a time that runs out (query `begin`).
    CHECK ((state = 'sending') = (until IS NOT NULL))
);

-- One mail of a kind per order and wish, whatever made its id; finds an order's mails.
CREATE UNIQUE INDEX one_mail_per_order ON delivery.deliveries (event_id, order_id, kind, seq)
WHERE order_id IS NOT NULL;

CREATE TABLE delivery.attempts (
    delivery_id text COLLATE "C" NOT NULL REFERENCES delivery.deliveries,
    number integer NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('sent', 'failed', 'doubt')),
    reason text,
    -- Attempts of a delivery in order (query `settle`).
    PRIMARY KEY (delivery_id, number)
);

GRANT SELECT, INSERT, UPDATE ON delivery.deliveries, delivery.attempts TO seatwright_delivery;

-- Scans at gates. Entry owns the truth of who is inside; orders are told.

CREATE TABLE entry.admissions (
    id text COLLATE "C" PRIMARY KEY,
    -- NULL when the code was not one of ours.
    event_id text COLLATE "C",
    ticket_id text COLLATE "C",
    result text NOT NULL CHECK (result IN ('admitted', 'refused')),
    reason text,
    gate text,
    -- Who scanned: the principal behind the device's token.
    scanner text NOT NULL COLLATE "C",
    scan_id text COLLATE "C",
    -- SHA-256 of what was scanned: a scan sent again must be the same scan.
    code_hash bytea NOT NULL,
    -- Seat and attendee as the usher was shown them.
    shown jsonb,
    -- offline: orders were not asked, see `service/check_in.py`.
    checked text NOT NULL CHECK (checked IN ('online', 'offline')),
    scanned_at timestamptz NOT NULL,
    admitted_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Nobody is let in without a ticket, and every refusal has its reason.
    CHECK (result = 'refused' OR (event_id IS NOT NULL AND ticket_id IS NOT NULL)),
    CHECK ((result = 'refused') = (reason IS NOT NULL))
);

-- I-G1: a ticket is admitted once; two gates that scan it in the same moment meet here (`admit`).
CREATE UNIQUE INDEX one_admission ON entry.admissions (event_id, ticket_id)
WHERE result = 'admitted';

-- A device that sends its scan again gets its answer again (`answered`), also when both arrive at
-- once.
CREATE UNIQUE INDEX one_answer_a_scan ON entry.admissions (scanner, scan_id)
WHERE scan_id IS NOT NULL;

-- Counting an event's scans (`attendance`).
CREATE INDEX scans_of_event ON entry.admissions (event_id);

CREATE TABLE entry.outbox (
    -- The relay's order; see kit/outbox.py.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz
) WITH (fillfactor = 60);

GRANT SELECT, INSERT ON entry.admissions TO seatwright_entry;
GRANT SELECT, INSERT, UPDATE, DELETE ON entry.outbox TO seatwright_entry;

-- Orders: the only maker of sales. Everything of a sale begins with event_id, so that a partition
-- or another database can keep one event's claims, orders and tickets together.

CREATE TABLE orders.inventory (
    event_id text COLLATE "C" PRIMARY KEY,
    chart text COLLATE "C" NOT NULL,
    seat_count integer NOT NULL CHECK (seat_count BETWEEN 1 AND 100000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE orders.orders (
    event_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    -- person, organisation token, or `hold:<id>` of a guest; idempotency keys belong to it
    principal text COLLATE "C" NOT NULL,
    hold_id text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (
        state IN ('awaiting_payment', 'paying', 'payment_in_doubt', 'paid', 'expired', 'cancelled')
    ),
    buyer_name text NOT NULL,
    buyer_email text NOT NULL,
    language text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    tax bigint NOT NULL CHECK (tax BETWEEN 0 AND total),
    -- frozen lines: seats with label, category, price and tax; order fee and its tax
    quote bytea NOT NULL,
    document_version bigint NOT NULL,
    seat_count integer NOT NULL CHECK (seat_count > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- until then the buyer may try to pay
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    captured_at timestamptz,
    -- how often a late capture was asked for again, and when it may be next
    recaptures integer NOT NULL DEFAULT 0,
    recapture_at timestamptz,
    ended_at timestamptz,
    ended_why text COLLATE "C",
    PRIMARY KEY (event_id, id),
    -- a sale is paid before its money is taken, and only a paid order was ever captured (I-M2)
    CHECK (captured_at IS NULL OR paid_at IS NOT NULL),
    CHECK ((state = 'paid') <= (paid_at IS NOT NULL)),
    CHECK ((state IN ('expired', 'cancelled')) = (ended_at IS NOT NULL))
) WITH (fillfactor = 85);

-- Serves: the expiry job, which looks for unpaid orders past their deadline.
CREATE INDEX orders_unpaid ON orders.orders (expires_at) WHERE state = 'awaiting_payment';
-- Serves: "my orders" of a person; guests' orders are found by their code alone.
CREATE INDEX orders_of_person ON orders.orders (principal, created_at)
WHERE principal LIKE 'person:%';
-- Serves: job R3, paid orders whose money was not captured in time.
CREATE INDEX orders_uncaptured ON orders.orders (paid_at) WHERE state = 'paid' AND captured_at IS NULL;

-- The directory of order codes: what a person types names event and order. Never partitioned.
CREATE TABLE orders.codes (
    code text COLLATE "C" PRIMARY KEY,
    event_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL
);

CREATE TABLE orders.claims (
    event_id text COLLATE "C" NOT NULL,
    seat integer NOT NULL CHECK (seat >= 0),
    -- NULL for a house block: a claim without an order
    order_id text COLLATE "C",
    state text COLLATE "C" NOT NULL CHECK (state IN ('claimed', 'sold', 'blocked')),
    -- 'infinity' while a payment is under way: pinned, nobody may take it over (I-H2)
    claimed_until timestamptz,
    -- on an event that limits seats per buyer: whose it is (a MAC of account or mail address), and
    -- which of that buyer's seats; NULL on every other event
    buyer text COLLATE "C",
    buyer_seat integer,
    CHECK ((buyer IS NULL) = (buyer_seat IS NULL)),
    -- The arbiter (I-S3): one row is one seat that nobody else can have.
    PRIMARY KEY (event_id, seat),
    CHECK ((state = 'claimed') = (claimed_until IS NOT NULL)),
    CHECK ((state = 'blocked') = (order_id IS NULL))
) WITH (fillfactor = 85);

-- Race: one buyer's orders in parallel, on an event that limits them. Both count from the same
-- state, so both take the same numbers, and the later one counts again.
CREATE UNIQUE INDEX one_number_per_buyer ON orders.claims (event_id, buyer, buyer_seat)
WHERE buyer IS NOT NULL;
-- Serves: ending an order, and rebuilding availability, both by order.
CREATE INDEX claims_of_order ON orders.claims (event_id, order_id);

CREATE TABLE orders.attempts (
    event_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL CHECK (attempt BETWEEN 1 AND 20),
    -- our own name for it at the gateway; also the gateway's idempotency key
    reference text COLLATE "C" NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    token text NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (
        state IN ('created', 'challenge', 'in_doubt', 'voiding', 'authorised', 'captured',
                  'declined', 'voided', 'failed')
    ),
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text COLLATE "C" NOT NULL,
    payment_id text COLLATE "C",
    decline_code text COLLATE "C",
    challenge_url text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- since when its gateway says that it knows nothing of it; NULL while it has not said so since
    -- a request to authorise was last about to be sent
    absent_since timestamptz,
    -- when the resolver looks at it again; NULL once it is final
    due_at timestamptz,
    looks integer NOT NULL DEFAULT 0,
    looked_at timestamptz,
    -- Race: two processes at one attempt. Nobody else looks at it until then.
    leased_until timestamptz,
    PRIMARY KEY (event_id, order_id, attempt),
    CHECK ((state IN ('declined', 'voided', 'failed', 'captured')) <= (due_at IS NULL))
) WITH (fillfactor = 85);

-- Race: two tabs paying at once. One open attempt for each order; the later one is refused.
CREATE UNIQUE INDEX one_open_attempt ON orders.attempts (event_id, order_id)
WHERE state IN ('created', 'challenge', 'in_doubt', 'voiding', 'authorised', 'captured');
-- Serves: webhooks and look-ups, which name our reference. Race: a reference is never reused.
CREATE UNIQUE INDEX attempts_by_reference ON orders.attempts (reference);
-- Serves: the resolver.
CREATE INDEX attempts_due ON orders.attempts (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE orders.tickets (
    event_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    seat integer NOT NULL,
    seq integer NOT NULL DEFAULT 1,
    status text COLLATE "C" NOT NULL DEFAULT 'valid' CHECK (
        status IN ('valid', 'used', 'transferred', 'refunded', 'void')
    ),
    attendee text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz,
    PRIMARY KEY (event_id, id)
) WITH (fillfactor = 90);

-- Race: two sales of one seat (I-S1). Whatever the code believes, the second ticket is refused.
CREATE UNIQUE INDEX one_live_ticket ON orders.tickets (event_id, seat)
WHERE status IN ('valid', 'used');
-- Serves: an order's tickets.
CREATE INDEX tickets_of_order ON orders.tickets (event_id, order_id);

CREATE TABLE orders.idempotency (
    principal text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C",
    -- NULL while the request is under way
    answer bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Race: the same key twice in parallel (I-I1). The second waits for the first and finds it.
    PRIMARY KEY (principal, key)
) WITH (fillfactor = 85);

-- Serves: forgetting keys after their time.
CREATE INDEX idempotency_age ON orders.idempotency USING brin (created_at);

CREATE TABLE orders.webhooks (
    gateway text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    reference text COLLATE "C",
    -- of what it says to us; its bytes may be others each time it comes
    content_hash bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Race: a webhook delivered many times, in parallel; one of them counts.
    PRIMARY KEY (gateway, id)
);

-- Differences that a reconciliation job found; each is an alarm until somebody or something ends it.
CREATE TABLE orders.breaks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    event_id text COLLATE "C",
    order_id text COLLATE "C",
    -- the payment it is about
    reference text COLLATE "C",
    detail text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    mended_at timestamptz,
    -- what the person said who ended it; NULL when it was mended by itself
    mended_why text,
    -- Serves: a person's word is never kept without its time.
    CHECK (mended_why IS NULL OR mended_at IS NOT NULL)
);

-- Race: every look finds the same difference again. It is one break until it is mended; what a
-- person has ended is known, and never a break again.
CREATE UNIQUE INDEX one_open_break ON orders.breaks (kind, reference)
WHERE reference IS NOT NULL AND (mended_at IS NULL OR mended_why IS NOT NULL);
-- Serves: the watch over what is open.
CREATE INDEX breaks_open ON orders.breaks (found_at) WHERE mended_at IS NULL;

-- Payments at a gateway of which no sale came, or may have come: each is looked at until nothing
-- of it is left there.
CREATE TABLE orders.strays (
    gateway text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    looks integer NOT NULL DEFAULT 0,
    -- only a webhook names it, and we know no such payment: it is judged, and moved by nobody
    hinted boolean NOT NULL DEFAULT false,
    leased_until timestamptz,
    -- Race: a webhook and the comparer find the same one.
    PRIMARY KEY (gateway, reference)
);

-- Serves: whoever gives the money back.
CREATE INDEX strays_due ON orders.strays (due_at);

-- How far each pass over a gateway's own list of payments has come. A database restored to an
-- earlier moment goes over everything since that moment once more.
CREATE TABLE orders.comparisons (
    gateway text COLLATE "C" NOT NULL,
    pass text COLLATE "C" NOT NULL,
    -- what the gateway created before this is compared
    compared_to timestamptz NOT NULL,
    -- the end of the window under way, and the gateway's cursor in it; NULL between windows
    window_to timestamptz,
    cursor text COLLATE "C",
    -- Race: two processes at one pass.
    leased_until timestamptz,
    PRIMARY KEY (gateway, pass)
);

CREATE TABLE orders.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz
) WITH (fillfactor = 60);

-- A statement that must do all of its work or none calls this with what must be true: a short row
-- count rolls the whole statement back (`correctness.md` §3.1: compare the row count).
CREATE FUNCTION orders.insist(truth boolean, what text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF truth IS NOT TRUE THEN
        RAISE EXCEPTION 'not all of it: %', what USING ERRCODE = 'SW001';
    END IF;
    RETURN true;
END $$;

GRANT SELECT, INSERT ON orders.inventory, orders.codes, orders.webhooks TO seatwright_orders;
GRANT SELECT, INSERT, UPDATE
ON orders.orders, orders.attempts, orders.tickets, orders.breaks, orders.comparisons
TO seatwright_orders;
GRANT SELECT, INSERT, UPDATE, DELETE
ON orders.claims, orders.idempotency, orders.outbox, orders.strays
TO seatwright_orders;
