// Package postgres keeps carts, the log, staff and sessions in PostgreSQL 13 or
// later, and listens to its notifications.
//
// It implements cart.Store, cart.Log, identity.Store and event.Source, and knows
// no rule of any of them. Several processes may share one database.
//
// Start with Open; change.go holds the one transaction that matters, log.go the
// order of the log, epoch.go when it begins anew, listener.go LISTEN, and waker.go
// NOTIFY. For an application that isn't ours, visitors.go looks up who somebody is, and
// outbox.go reads the log that it keeps for us.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	pool *pgxpool.Pool
	// place is the query of what is known of the database's place, once the schema is
	// up to date; see epoch.go.
	place   atomic.Pointer[string]
	unknown []string
	noLog   bool // for measuring what the log costs
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
	s, err := openAny(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := s.checkFinished(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), s.Close())
	}
	return s, nil
}

// openAny is Open also for a database into which a copy isn't finished.
func openAny(ctx context.Context, dsn string) (*Store, error) {
	return openPool(ctx, dsn, (*Store).prepare)
}

func openPool(ctx context.Context, dsn string, prepare func(*Store, context.Context) error) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config.ConnConfig, "cartline")
	if !strings.Contains(dsn, "pool_max_conns") {
		config.MaxConns = defaultConns
	}
	s := new(Store)
	config.AfterConnect = s.checkPlace
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := prepare(s, ctx); err != nil {
		s.pool.Close()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return s, nil
}

// defaultConns is how many connections there are at most, unless the DSN tells. Most of
// the time a change waits for the disk, on a connection and on nobody's processor; and
// what is committed at the same time takes one flush together.
const defaultConns = 16

// connectTimeout bounds connecting, unless the DSN does.
const connectTimeout = 5 * time.Second

// prepareConfig names our connections in pg_stat_activity and bounds connecting,
// unless the DSN does.
func prepareConfig(config *pgx.ConnConfig, name string) {
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = name
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
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
	return s.findOut(ctx)
}

// closeTimeout bounds Close.
const closeTimeout = 3 * time.Second

// Close closes the connections. Calls in progress end first, but are not waited
// for longer than three seconds: over a link that is dead they don't end.
func (s *Store) Close() error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.pool.Close()
	}()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-closed:
		return nil
	case <-timer.C:
		return errors.New("postgres: connections did not close in time")
	}
}

// doubt looks at how a call ended that had enough time. If it ran out of it, the
// link is probably dead, and with it every other connection of the pool, which
// would each be found out only by another such call; so all are replaced.
func (s *Store) doubt(err error) {
	if errors.Is(err, context.DeadlineExceeded) {
		s.pool.Reset()
	}
}

// Unavailable tells whether an error of this package, or of a call to it, means
// that the database can't be reached, or can't answer, at the moment.
func Unavailable(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connecting), errors.As(err, &network), pgconn.SafeToRetry(err),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	case errors.As(err, &refused):
		// Classes 53 (insufficient resources) and 57 (operator intervention):
		// https://www.postgresql.org/docs/current/errcodes-appendix.html
		return strings.HasPrefix(refused.Code, "53") || strings.HasPrefix(refused.Code, "57")
	}
	return false
}

// StorageFull tells whether an error of this package means that the database can't
// grow, or can't be written to. What was to be changed is unchanged then.
func StorageFull(err error) bool {
	const diskFull, readOnly, ioError = "53100", "25006", "58030"
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == diskFull || refused.Code == readOnly || refused.Code == ioError)
}

// Durable tells whether a commit is on PostgreSQL's disk when it is acknowledged.
// https://www.postgresql.org/docs/current/wal-async-commit.html
func (s *Store) Durable(ctx context.Context) (bool, error) {
	var setting string
	err := s.pool.QueryRow(ctx, `SELECT current_setting('synchronous_commit')`).Scan(&setting)
	return setting != "off", err
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// transact does work in one transaction.
func (s *Store) transact(ctx context.Context, work func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, work)
}

// brief does work in one transaction that goes to the database and back only twice. What
// work sends first is to be queued behind BEGIN in the batch that it gets for that; what
// it queues in the other batch is sent, together with COMMIT, when it returns.
func (s *Store) brief(ctx context.Context, work func(conn *pgx.Conn, begin, commit *pgx.Batch) error) error {
	return s.pool.AcquireFunc(ctx, func(pooled *pgxpool.Conn) error {
		conn := pooled.Conn()
		begin, commit := new(pgx.Batch), new(pgx.Batch)
		begin.Queue(`BEGIN`)
		err := work(conn, begin, commit)
		if err == nil {
			commit.Queue(`COMMIT`)
			err = conn.SendBatch(ctx, commit).Close()
		}
		if err != nil && conn.PgConn().TxStatus() != idle {
			// The pool does away with a connection on which this has failed, and the
			// database with its transaction.
			_, _ = conn.Exec(ctx, `ROLLBACK`)
		}
		return err
	})
}

// idle is the status of a connection without a transaction.
const idle = 'I'

// CheckDSN tells whether Open could use a DSN, without connecting. The error
// doesn't show the password.
func CheckDSN(dsn string) error {
	_, err := pgxpool.ParseConfig(dsn)
	return err
}
