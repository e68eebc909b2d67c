-- Outgoing webhooks.

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

GRANT SELECT, INSERT, DELETE ON delivery.webhook_messages TO seatwright_delivery;
GRANT SELECT, INSERT, UPDATE ON delivery.webhook_endpoints TO seatwright_delivery;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.webhook_deliveries TO seatwright_delivery;
