-- Delivery to the end: whose mails they are, and mails about an event to all of its orders.

ALTER TABLE catalog.organisations ADD COLUMN reply_to text NOT NULL DEFAULT '';

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

GRANT SELECT, INSERT, UPDATE ON delivery.events, delivery.rounds TO seatwright_delivery;
