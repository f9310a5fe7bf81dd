-- +goose Up

-- A cart becomes one document, as it is read and changed as a whole; its columns are
-- what it is found by. A summary is the cart's row in a list.
CREATE TABLE cart_document (
    id           TEXT PRIMARY KEY,
    shopper      TEXT NOT NULL,
    customer     TEXT NOT NULL DEFAULT '',
    status       TEXT NOT NULL,
    evident      INTEGER NOT NULL,      -- there is a person to it
    code         TEXT NOT NULL DEFAULT '',
    code_until   INTEGER NOT NULL DEFAULT 0,
    order_number TEXT,
    updated_at   INTEGER NOT NULL,      -- the last change of what is in it
    active_at    INTEGER NOT NULL,      -- that, or the last page view
    document     TEXT NOT NULL,
    summary      TEXT NOT NULL
) STRICT;

INSERT INTO cart_document (id, shopper, status, evident, updated_at, active_at, document, summary)
SELECT id, shopper, status, 1, updated_at, updated_at,
    json_object(
        'id', id, 'name', name, 'version', version, 'status', status, 'items', items, 'seen', json('true'),
        'lines', (SELECT json_group_array(json_object(
                'sku', sku, 'name', name, 'quantity', quantity,
                'unit_price', json_object('amount', amount, 'currency', currency),
                'subtotal', json_object('amount', amount * quantity, 'currency', currency),
                'total', json_object('amount', amount * quantity, 'currency', currency),
                'version', version) ORDER BY added, sku)
            FROM cart_line WHERE cart_id = cart.id),
        'subtotal', json_object('amount', total, 'currency', currency),
        'total', json_object('amount', total, 'currency', currency),
        'created_at', strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06dZ', created_at % 1000000),
        'updated_at', strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000000, 'unixepoch') || printf('.%06dZ', updated_at % 1000000)),
    json_object(
        'id', id, 'name', name, 'version', version, 'status', status, 'lines', lines, 'items', items, 'seen', json('true'),
        'total', json_object('amount', total, 'currency', currency),
        'products', (SELECT json_group_array(name ORDER BY added, sku) FROM cart_line WHERE cart_id = cart.id),
        'updated_at', strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000000, 'unixepoch') || printf('.%06dZ', updated_at % 1000000))
FROM cart;

DROP TABLE cart_line;
DROP TABLE cart;
ALTER TABLE cart_document RENAME TO cart;

-- A shopper has one open cart, and a code leads to one.
CREATE UNIQUE INDEX cart_open_of_shopper ON cart (shopper) WHERE status = 'open';
CREATE UNIQUE INDEX cart_by_code ON cart (code) WHERE code <> '';
CREATE UNIQUE INDEX cart_by_order ON cart (order_number) WHERE order_number IS NOT NULL;
CREATE INDEX cart_by_change ON cart (updated_at DESC, id DESC) WHERE status = 'open';
CREATE INDEX cart_by_rest ON cart (active_at) WHERE status = 'open';
CREATE INDEX cart_of_shopper ON cart (shopper);
CREATE INDEX cart_of_customer ON cart (customer) WHERE customer <> '';

-- What an activity made of the cart, and whose cart it was.
ALTER TABLE activity ADD COLUMN shopper TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN state TEXT NOT NULL DEFAULT '{}';
CREATE INDEX activity_by_time ON activity (at);

-- How lately those who attend a cart were there. The attendants themselves are in
-- the document, and these rows follow them.
CREATE TABLE presence (
    cart_id  TEXT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
    staff    TEXT NOT NULL,
    alive_at INTEGER NOT NULL,
    acted_at INTEGER NOT NULL,
    PRIMARY KEY (cart_id, staff)
) STRICT, WITHOUT ROWID;

-- What staff did. An entry is never changed; those that are too old are deleted.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    staff    TEXT NOT NULL,
    action   TEXT NOT NULL,
    cart_id  TEXT NOT NULL,
    cart     TEXT NOT NULL,
    consent  TEXT NOT NULL,
    customer TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    before   TEXT NOT NULL,
    after    TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);

-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'an audit entry can''t be changed');
END;
-- +goose StatementEnd
