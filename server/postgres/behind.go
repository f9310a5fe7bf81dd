package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ErrElsewhere is the error of OpenBehind if the two lead to different databases.
var ErrElsewhere = errors.New("it leads to another database")

// OpenBehind is Open for a DSN that leads over a pooler in transaction mode, and another
// that leads past it to the same database. The schema is brought up to date over the
// latter: that takes a lock which a session holds, and a pooler gives each transaction any
// session there is.
func OpenBehind(ctx context.Context, dsn, direct string) (*Store, error) {
	// Looked at first, lest tables be made where they don't belong.
	one, err := where(ctx, dsn)
	if err != nil {
		return nil, err
	}
	other, err := where(ctx, direct)
	if err != nil {
		return nil, err
	}
	if one != other {
		return nil, ErrElsewhere
	}
	past, err := Open(ctx, direct)
	if err != nil {
		return nil, err
	}
	if err := past.Close(); err != nil {
		return nil, err
	}
	return openPool(ctx, dsn, (*Store).findOut)
}

// where tells a running server's database from every other, in terms that anybody may ask
// for.
func where(ctx context.Context, dsn string) (place string, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return "", fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config, "cartline")
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // which every pooler takes
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return "", fmt.Errorf("postgres: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, `
		SELECT oid || ' since ' || extract(epoch FROM pg_postmaster_start_time())
		FROM pg_database WHERE datname = current_database()`).Scan(&place)
	return place, err
}
