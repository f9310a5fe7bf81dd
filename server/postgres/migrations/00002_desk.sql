-- +goose Up

-- A cart becomes one document, as it is read and changed as a whole; its columns are
-- what it is found by. A summary is the cart's row in a list.
CREATE TABLE cart_document (
    id           text COLLATE "C" PRIMARY KEY,
    shopper      text COLLATE "C" NOT NULL,
    customer     text COLLATE "C" NOT NULL DEFAULT '',
    status       text NOT NULL,
    evident      boolean NOT NULL,      -- there is a person to it
    code         text NOT NULL DEFAULT '',
    code_until   timestamptz NOT NULL DEFAULT 'epoch',
    order_number text,
    updated_at   timestamptz NOT NULL,  -- the last change of what is in it
    active_at    timestamptz NOT NULL,  -- that, or the last page view
    document     json NOT NULL,
    summary      json NOT NULL
);

INSERT INTO cart_document (id, shopper, status, evident, updated_at, active_at, document, summary)
SELECT id, shopper, status, true, updated_at, updated_at,
    json_build_object(
        'id', id, 'name', name, 'version', version, 'status', status, 'items', items, 'seen', true,
        'lines', coalesce((SELECT json_agg(json_build_object(
                'sku', sku, 'name', l.name, 'quantity', quantity,
                'unit_price', json_build_object('amount', amount, 'currency', l.currency),
                'subtotal', json_build_object('amount', amount * quantity, 'currency', l.currency),
                'total', json_build_object('amount', amount * quantity, 'currency', l.currency),
                'version', l.version) ORDER BY added, sku COLLATE "C")
            FROM cart_line l WHERE cart_id = cart.id), '[]'),
        'subtotal', json_build_object('amount', total, 'currency', currency),
        'total', json_build_object('amount', total, 'currency', currency),
        'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
    json_build_object(
        'id', id, 'name', name, 'version', version, 'status', status, 'lines', lines, 'items', items, 'seen', true,
        'total', json_build_object('amount', total, 'currency', currency),
        'products', coalesce((SELECT json_agg(l.name ORDER BY added, sku COLLATE "C") FROM cart_line l WHERE cart_id = cart.id), '[]'),
        'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
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
ALTER TABLE activity ADD COLUMN shopper text NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN state text NOT NULL DEFAULT '{}';
CREATE INDEX activity_by_time ON activity (at);

-- How lately those who attend a cart were there. The attendants themselves are in
-- the document, and these rows follow them.
CREATE TABLE presence (
    cart_id  text COLLATE "C" NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
    staff    text COLLATE "C" NOT NULL,
    alive_at timestamptz NOT NULL,
    acted_at timestamptz NOT NULL,
    PRIMARY KEY (cart_id, staff)
);

-- What staff did. An entry is never changed; those that are too old are deleted.
CREATE TABLE audit (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    staff    text NOT NULL,
    action   text NOT NULL,
    cart_id  text NOT NULL,
    cart     text NOT NULL,
    consent  text NOT NULL,
    customer text NOT NULL,
    outcome  text NOT NULL,
    before   text NOT NULL,
    after    text NOT NULL
);

CREATE INDEX audit_by_time ON audit (at);

-- +goose StatementBegin
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an audit entry can''t be changed';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
