// Package postgres keeps carts, the log, staff and sessions in PostgreSQL 13 or
// later, and listens to its notifications.
//
// It implements cart.Store, cart.Log, identity.Store and event.Source, and knows
// no rule of any of them. Several processes may share one database.
//
// Start with Open; carts.go holds the one transaction that matters, log.go the
// order of the log, listener.go LISTEN, and waker.go NOTIFY.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"cartline/server/cart"
	"cartline/server/identity"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a pool of connections to one database. It is safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	epoch string
}

var (
	_ cart.Store     = (*Store)(nil)
	_ cart.Log       = (*Store)(nil)
	_ identity.Store = (*Store)(nil)
)

// Open connects and brings the schema up to date. The DSN is a URL,
// postgres://user:password@host/database; its parameters, like pool_max_conns,
// are those of pgxpool.ParseConfig.
func Open(ctx context.Context, dsn string) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	setApplicationName(config.ConnConfig, "cartline")
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s := &Store{pool: pool}
	if err := s.prepare(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return s, nil
}

// setApplicationName names our connections in pg_stat_activity, unless the DSN
// does.
func setApplicationName(config *pgx.ConnConfig, name string) {
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = name
	}
}

// prepare migrates under a lock, since several processes may start at once.
func (s *Store) prepare(ctx context.Context) (err error) {
	if err := s.pool.Ping(ctx); err != nil {
		return err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.pool.QueryRow(ctx, `SELECT epoch FROM log_epoch`).Scan(&s.epoch)
}

// Close closes the connections. Calls in progress end first.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// transact does work in one transaction.
func (s *Store) transact(ctx context.Context, work func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, work)
}

// CheckDSN tells whether Open could use a DSN, without connecting. The error
// doesn't show the password.
func CheckDSN(dsn string) error {
	_, err := pgxpool.ParseConfig(dsn)
	return err
}
