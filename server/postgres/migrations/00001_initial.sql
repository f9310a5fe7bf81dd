-- +goose Up

-- Amounts are in the minor unit of their currency.

CREATE TABLE product (
    sku         text PRIMARY KEY,
    slug        text NOT NULL UNIQUE,
    name        text COLLATE "C" NOT NULL,
    description text NOT NULL,
    category    text NOT NULL,
    amount      bigint NOT NULL CHECK (amount >= 0),
    currency    text NOT NULL
);

CREATE INDEX product_by_name ON product (name, sku);

CREATE TABLE cart (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    shopper    text NOT NULL,
    version    bigint NOT NULL,
    status     text NOT NULL,
    lines      integer NOT NULL,
    items      integer NOT NULL,
    total      bigint NOT NULL,
    currency   text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- A shopper has one open cart.
CREATE UNIQUE INDEX cart_open_of_shopper ON cart (shopper) WHERE status = 'open';
CREATE INDEX cart_by_change ON cart (updated_at DESC, id DESC);

CREATE TABLE cart_line (
    cart_id  text NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
    sku      text NOT NULL,
    name     text NOT NULL, -- name and price as they were when it was added
    quantity integer NOT NULL CHECK (quantity > 0),
    amount   bigint NOT NULL, -- of one
    currency text NOT NULL,
    added    bigint NOT NULL, -- the cart's version that added the line: the order of the lines
    version  bigint NOT NULL, -- the cart's version that changed it last
    PRIMARY KEY (cart_id, sku)
);

-- The log: one row for each committed change of a cart, in the order (tx, id).
--
-- An id alone is no order: it is drawn before the commit, so a later id can be
-- visible before an earlier one. Whoever reads the log therefore stops at
-- pg_snapshot_xmin, below which every transaction has ended. And every
-- transaction that writes here takes an advisory lock on its cart before it does
-- anything for which it gets a tx, so that a cart's versions are in order.
CREATE TABLE activity (
    tx           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id           bigint GENERATED ALWAYS AS IDENTITY,
    cart_id      text NOT NULL,
    cart_version bigint NOT NULL,
    kind         text NOT NULL,
    at           timestamptz NOT NULL,
    payload      text NOT NULL, -- the message, as listeners get it
    PRIMARY KEY (tx, id),
    UNIQUE (cart_id, cart_version)
);

-- The epoch tells this log from every other, so that a cursor of one is not
-- taken for a cursor of another.
CREATE TABLE log_epoch (epoch text NOT NULL);
INSERT INTO log_epoch VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 16));

CREATE TABLE staff (
    username      text COLLATE "C" PRIMARY KEY,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL
);

-- No two accounts differ only in case.
CREATE UNIQUE INDEX staff_by_name ON staff (lower(username));

CREATE TABLE staff_role (
    username text COLLATE "C" NOT NULL REFERENCES staff (username) ON DELETE CASCADE,
    role     text COLLATE "C" NOT NULL,
    PRIMARY KEY (username, role)
);

CREATE TABLE staff_session (
    token_hash bytea PRIMARY KEY,
    username   text COLLATE "C" NOT NULL REFERENCES staff (username) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX staff_session_of ON staff_session (username);
CREATE INDEX staff_session_by_expiry ON staff_session (expires_at);

-- Grows with each change that can take a right away.
CREATE TABLE staff_revision (revision bigint NOT NULL);
INSERT INTO staff_revision VALUES (1);

CREATE TABLE shopper_session (
    token_hash bytea PRIMARY KEY,
    shopper    text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX shopper_session_by_expiry ON shopper_session (expires_at);
