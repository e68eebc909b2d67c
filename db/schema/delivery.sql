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
