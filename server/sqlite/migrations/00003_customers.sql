-- +goose Up

-- Accounts of those who shop. Who has no password was noted by staff, and can't
-- sign in.
CREATE TABLE customer (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL, -- as it was typed
    email_key     TEXT NOT NULL, -- as addresses are compared
    password_hash TEXT NOT NULL,
    shopper       TEXT NOT NULL UNIQUE, -- under which their carts are kept
    created_at    INTEGER NOT NULL
) STRICT;

-- An address is one account's to sign in with.
CREATE UNIQUE INDEX customer_sign_in ON customer (email_key) WHERE password_hash <> '';
CREATE INDEX customer_by_email ON customer (email_key);

-- A guest's session has no customer.
ALTER TABLE shopper_session ADD COLUMN customer TEXT REFERENCES customer (id) ON DELETE CASCADE;

CREATE INDEX shopper_session_of ON shopper_session (customer) WHERE customer IS NOT NULL;
