-- Optional, and yours to apply: keeps what happens to carts in a table, so that whoever was
-- away gets what they missed. It is written for the table carts (owner, items) of
-- store.py; put your own table, key and payload into the function.
--
--     psql postgres://… -f outbox.sql
--
-- Apply it as the user that the application connects as. Other users who change carts need
-- GRANT INSERT ON cartline_outbox; without it, their changes fail. The gateway (--outbox)
-- only reads: it needs GRANT SELECT ON cartline_outbox, cartline_outbox_extent. PostgreSQL 13
-- or later.

CREATE TABLE cartline_outbox (
    tx      xid8        NOT NULL DEFAULT pg_current_xact_id(),
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    cart    text        NOT NULL, -- of events of one cart, the newest may stand for all
    payload json        NOT NULL, -- what listeners get
    PRIMARY KEY (tx, id)
);

CREATE INDEX cartline_outbox_by_time ON cartline_outbox (at);

-- One row: which outbox this is, and how far it was trimmed.
CREATE TABLE cartline_outbox_extent (
    epoch      text        NOT NULL DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 16),
    trimmed_tx xid8        NOT NULL DEFAULT '0',
    trimmed_id bigint      NOT NULL DEFAULT 0,
    trimmed_at timestamptz NOT NULL DEFAULT 'epoch'
);
INSERT INTO cartline_outbox_extent DEFAULT VALUES;

CREATE FUNCTION cartline_cart_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO cartline_outbox (cart, payload)
        VALUES (OLD.owner, json_build_object('owner', OLD.owner, 'items', json_build_object()));
    ELSE
        INSERT INTO cartline_outbox (cart, payload)
        VALUES (NEW.owner, json_build_object('owner', NEW.owner, 'items', NEW.items));
    END IF;
    -- Wakes the gateway, which otherwise looks once a second.
    PERFORM pg_notify('cartline_log', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER cartline_cart_changed AFTER INSERT OR UPDATE OR DELETE ON carts
    FOR EACH ROW EXECUTE FUNCTION cartline_cart_changed();

-- Call it now and then, from cron for example: SELECT cartline_trim_outbox('30 days');
-- Whoever was away for longer is told to load afresh. The newest row stays.
CREATE FUNCTION cartline_trim_outbox(older interval) RETURNS bigint LANGUAGE sql AS $$
    WITH kept AS ( -- the first that is young enough or, if none is, the newest
        (SELECT 1 AS rank, tx, id FROM cartline_outbox WHERE at >= now() - older ORDER BY tx, id LIMIT 1)
        UNION ALL
        (SELECT 2, tx, id FROM cartline_outbox ORDER BY tx DESC, id DESC LIMIT 1)
        ORDER BY rank LIMIT 1
    ), deleted AS (
        DELETE FROM cartline_outbox o USING kept
        WHERE (o.tx, o.id) < (kept.tx, kept.id) AND o.tx < pg_snapshot_xmin(pg_current_snapshot())
        RETURNING o.tx, o.id, o.at
    ), noted AS (
        UPDATE cartline_outbox_extent SET trimmed_tx = last.tx, trimmed_id = last.id, trimmed_at = last.at
        FROM (SELECT tx, id, at FROM deleted ORDER BY tx DESC, id DESC LIMIT 1) AS last
    )
    SELECT count(*) FROM deleted;
$$;

-- After the database was restored, or copied to another server, its transactions have
-- other numbers: empty the outbox and give it another name.
--
--     TRUNCATE cartline_outbox, cartline_outbox_extent;
--     INSERT INTO cartline_outbox_extent DEFAULT VALUES;
