package ledger

import (
	"context"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
)

// PostgreSQL makes a database in a server of its own, before which there is a link. In
// that database transactions dawdle after they have written, and others' transactions
// are open most of the time, so that what is committed first is often not what was
// begun first. It ends with the test.
func PostgreSQL(t testing.TB) *Database {
	t.Helper()
	cluster := testenv.NewCluster(t)
	direct := cluster.DSN("postgres")
	address, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	link := testenv.NewLink(t, address.Host)
	address.Host = link.Address()
	migrate(t, direct)
	d := openPostgres(t, direct)
	d.Address, d.link, d.cluster, d.direct = address.String(), link, cluster, direct
	return d
}

// Sabotaged is a PostgreSQL database in which something is not what it seems: the
// statements put functions and views into the schema "broken", in which everybody who
// is concerned looks for names before they look anywhere else. So what the program
// does can be made wrong without changing it. Nothing in it can be stopped.
func Sabotaged(t testing.TB, statements string) *Database {
	t.Helper()
	dsn := testenv.Postgres(t)
	migrate(t, dsn)
	// The table of migrations is only found where others would be made.
	mustExec(t, dsn, `
		CREATE SCHEMA broken;
		ALTER TABLE goose_db_version SET SCHEMA broken;`+statements)
	return openPostgres(t, dsn+"&search_path=broken,pg_catalog,public")
}

func migrate(t testing.TB, dsn string) {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	mustExec(t, dsn, dawdle)
}

func openPostgres(t testing.TB, dsn string) *Database {
	t.Helper()
	opened, err := postgres.Open(t.Context(), dsn+"&pool_max_conns=40")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, opened) })
	waker := postgres.NewWaker(opened, slog.New(slog.DiscardHandler))
	inBackground(t, waker.Run)
	for range 2 {
		inBackground(t, func(ctx context.Context) { stranger(ctx, dsn) })
	}
	return &Database{
		Address: dsn,
		store:   opened,
		rows:    func(ctx context.Context) ([]Row, error) { return postgresRows(ctx, dsn) },
		wake: func() {
			if chance(50) { // at other times the server has to notice by itself
				waker.Wake()
			}
		},
	}
}

// dawdle makes transactions slow between their first write and their end: before they
// draw the activity's number, and after.
const dawdle = `
	CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF random() < 0.3 THEN PERFORM pg_sleep(random() * 0.03); END IF;
		RETURN NULL;
	END $$;
	CREATE TRIGGER dawdle AFTER INSERT OR UPDATE ON cart FOR EACH ROW EXECUTE FUNCTION dawdle();
	CREATE TRIGGER dawdle AFTER INSERT ON activity FOR EACH ROW EXECUTE FUNCTION dawdle();`

// stranger has transactions that have nothing to do with ours, but hold back how far
// the log may be read. It does without those that fail because the database is away.
func stranger(ctx context.Context, dsn string) {
	for ctx.Err() == nil {
		if conn, err := pgx.Connect(ctx, dsn); err == nil {
			for err == nil && ctx.Err() == nil {
				if _, err = conn.Exec(ctx, `BEGIN; SELECT pg_current_xact_id()`); err == nil {
					pause(ctx, upTo(150*time.Millisecond))
					_, err = conn.Exec(ctx, `ROLLBACK`)
				}
			}
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		pause(ctx, upTo(100*time.Millisecond))
	}
}

func postgresRows(ctx context.Context, dsn string) (rows []Row, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	found, err := conn.Query(ctx, `
		SELECT epoch, tx, id, cart_id, cart_version, shopper, at FROM activity, log_epoch ORDER BY tx, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (row Row, err error) {
		var at time.Time
		err = r.Scan(&row.Position.Epoch, &row.Position.Tx, &row.Position.Seq, &row.CartID, &row.Version, &row.Shopper, &at)
		row.Position.Mark = cart.MarkOf(at)
		return row, err
	})
}

// mustExec executes statements on a connection of its own.
func mustExec(t testing.TB, dsn, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err == nil {
		_, err = conn.Exec(t.Context(), statements)
		_ = conn.Close(context.WithoutCancel(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
}
