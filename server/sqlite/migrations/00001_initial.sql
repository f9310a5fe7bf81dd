-- +goose Up

-- Times are whole microseconds since 1970 in UTC. Amounts are in the minor unit
-- of their currency.

CREATE TABLE product (
    sku         TEXT PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    category    TEXT NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    currency    TEXT NOT NULL
) STRICT;

CREATE INDEX product_by_name ON product (name, sku);

CREATE TABLE cart (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    shopper    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    status     TEXT NOT NULL,
    lines      INTEGER NOT NULL,
    items      INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    currency   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A shopper has one open cart.
CREATE UNIQUE INDEX cart_open_of_shopper ON cart (shopper) WHERE status = 'open';
CREATE INDEX cart_by_change ON cart (updated_at DESC, id DESC);

CREATE TABLE cart_line (
    cart_id  TEXT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
    sku      TEXT NOT NULL,
    name     TEXT NOT NULL, -- name and price as they were when it was added
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    amount   INTEGER NOT NULL, -- of one
    currency TEXT NOT NULL,
    added    INTEGER NOT NULL, -- the cart's version that added the line: the order of the lines
    version  INTEGER NOT NULL, -- the cart's version that changed it last
    PRIMARY KEY (cart_id, sku)
) STRICT, WITHOUT ROWID;

-- The log: one row for each committed change of a cart. SQLite has one writer at
-- a time, so the order of the ids is the order of the commits; AUTOINCREMENT
-- never uses an id twice.
CREATE TABLE activity (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    cart_id      TEXT NOT NULL,
    cart_version INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    payload      TEXT NOT NULL, -- the message, as listeners get it
    UNIQUE (cart_id, cart_version)
) STRICT;

-- The epoch tells this log from every other, so that a cursor of one is not
-- taken for a cursor of another.
CREATE TABLE log_epoch (epoch TEXT NOT NULL) STRICT;
INSERT INTO log_epoch VALUES (lower(hex(randomblob(8))));

CREATE TABLE staff (
    username      TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- No two accounts differ only in case.
CREATE UNIQUE INDEX staff_by_name ON staff (lower(username));

CREATE TABLE staff_role (
    username TEXT NOT NULL REFERENCES staff (username) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    PRIMARY KEY (username, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_session (
    token_hash BLOB PRIMARY KEY,
    username   TEXT NOT NULL REFERENCES staff (username) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX staff_session_of ON staff_session (username);
CREATE INDEX staff_session_by_expiry ON staff_session (expires_at);

-- Grows with each change that can take a right away.
CREATE TABLE staff_revision (revision INTEGER NOT NULL) STRICT;
INSERT INTO staff_revision VALUES (1);

CREATE TABLE shopper_session (
    token_hash BLOB PRIMARY KEY,
    shopper    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX shopper_session_by_expiry ON shopper_session (expires_at);
