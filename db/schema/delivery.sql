-- What leaves the house, and every attempt to send it.

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

-- What buyers were last told of an event: what differs from it is told next.
CREATE TABLE delivery.events (
    event_id text COLLATE "C" PRIMARY KEY,
    document_version bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    doors_at timestamptz,
    -- name and address in one
    place text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Serves: the events that may still change, whether or not they are sold.
CREATE INDEX events_to_come ON delivery.events (ends_at);

-- A mail to each order of an event, in the order of their ids.
CREATE TABLE delivery.rounds (
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('reminder', 'moved', 'changed', 'cancelled')),
    number integer NOT NULL,
    said jsonb NOT NULL,
    -- Orders up to this id have their message; a process that takes over goes on behind it.
    told_to text COLLATE "C" NOT NULL DEFAULT '',
    order_count bigint NOT NULL DEFAULT 0,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Race: two processes at one round.
    leased_until timestamptz,
    ended_at timestamptz,
    -- Race: two processes find the same difference. One change is told in one round.
    PRIMARY KEY (event_id, kind, number)
);
-- Serves: whoever looks for a round to go on with.
CREATE INDEX rounds_under_way ON delivery.rounds (began_at) WHERE ended_at IS NULL;

-- Where organisations want to be told. A secret is derived from the id and the generation; the one
-- before signs beside it for a day, so that nothing is lost while a receiver changes.
CREATE TABLE delivery.webhook_endpoints (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    url text NOT NULL,
    kinds text [] NOT NULL,
    -- who is written to when it is switched off
    contact text NOT NULL,
    language text COLLATE "C" NOT NULL,
    -- of the request that made it: sent again, it is the same endpoint
    fingerprint bytea NOT NULL,
    generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1),
    rotated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- since when nothing has reached it; NULL while all is well
    failing_since timestamptz,
    disabled_at timestamptz,
    removed_at timestamptz
);
-- Serves: an organisation's endpoints, newest first, and who hears of what happens.
CREATE INDEX endpoints_of_organisation ON delivery.webhook_endpoints (organisation, id DESC)
WHERE removed_at IS NULL;

CREATE TABLE delivery.webhook_messages (
    -- Made from what happened. Race: two workers that were handed the same news.
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE delivery.webhook_deliveries (
    -- grows with time: the log is read by it
    id text COLLATE "C" PRIMARY KEY,
    endpoint text COLLATE "C" NOT NULL REFERENCES delivery.webhook_endpoints,
    message text COLLATE "C" NOT NULL REFERENCES delivery.webhook_messages,
    state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempt_count integer NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
    due_at timestamptz,
    -- Race: two workers at one delivery.
    leased_until timestamptz,
    attempted_at timestamptz,
    -- of the last attempt: the receiver's status, if it answered, and what was wrong
    status integer,
    reason text,
    settled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Only what waits is due (query `take_webhooks`).
    CHECK ((state = 'pending') = (due_at IS NOT NULL))
);
-- A message reaches an endpoint as one delivery, however often it is told.
CREATE UNIQUE INDEX one_delivery ON delivery.webhook_deliveries (endpoint, message);
-- Serves: the log of an endpoint, newest first.
CREATE INDEX webhook_log ON delivery.webhook_deliveries (endpoint, id DESC);
-- Serves: workers that look for what is due.
CREATE INDEX webhooks_due ON delivery.webhook_deliveries (due_at) WHERE state = 'pending';
-- Serve: forgetting what is old, and the look whether a message is still in somebody's log.
CREATE INDEX webhook_deliveries_by_age ON delivery.webhook_deliveries (created_at);
CREATE INDEX webhook_messages_by_age ON delivery.webhook_messages (created_at);
CREATE INDEX deliveries_of_message ON delivery.webhook_deliveries (message);
-- Serves: giving up what waits for an endpoint that is removed or switched off.
CREATE INDEX webhooks_waiting ON delivery.webhook_deliveries (endpoint) WHERE state = 'pending';

GRANT SELECT, INSERT, UPDATE
ON delivery.deliveries, delivery.attempts, delivery.events, delivery.rounds,
delivery.webhook_endpoints
TO seatwright_delivery;
GRANT SELECT, INSERT, DELETE ON delivery.webhook_messages TO seatwright_delivery;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.webhook_deliveries TO seatwright_delivery;
