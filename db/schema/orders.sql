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
