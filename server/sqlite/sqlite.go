// Package sqlite keeps carts, the log, staff and sessions in one SQLite file: the
// store that needs nothing installed.
//
// It implements cart.Store, cart.Log and identity.Store, and knows no rule of
// either. The driver is pure Go. One process at a time serves from a file; others
// (the staff commands) may write to it meanwhile, and Watch notices.
//
// Start with Open; carts.go holds the one transaction that matters, log.go the order
// of the log, epoch.go when it begins anew, and backup.go copies of the file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"cartline/server/cart"
	"cartline/server/identity"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database file. It is safe for concurrent use.
type Store struct {
	// SQLite allows one writer; a pool of one connection makes writers wait in
	// line here rather than fail there. Readers don't wait for them (WAL).
	write *sql.DB
	read  *sql.DB
}

var (
	_ cart.Store     = (*Store)(nil)
	_ cart.Log       = (*Store)(nil)
	_ identity.Store = (*Store)(nil)
)

// Open opens the file, makes it and its folder if they don't exist, and brings
// its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("sqlite: give the path of a file, like sqlite:data/cartline.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	write, err := open(path, 1, "immediate")
	if err != nil {
		return nil, err
	}
	// One connection more than can run at once, because Watch keeps one.
	read, err := open(path, max(2, runtime.GOMAXPROCS(0))+1, "deferred")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	s := &Store{write: write, read: read}
	if err := s.prepare(ctx, path); err != nil {
		if StorageFull(err) {
			err = fmt.Errorf("it can't be written to; look for its owner and mode, its folder's, and the room on the disk: %w", err)
		}
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", path, err), s.Close())
	}
	return s, nil
}

// open opens a pool. Transactions that may write are "immediate": they take the
// write lock when they begin, so that none fails in its middle because another
// has written since it first read.
//
// synchronous=FULL makes a commit survive a loss of power, at the price of a
// flush to disk each.
func open(path string, connections int, transactions string) (*sql.DB, error) {
	return openPool(path, connections, url.Values{"_txlock": {transactions}, "_pragma": {
		"busy_timeout(5000)", // ms
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
	}})
}

// openPool opens a pool with the driver's parameters. Nothing happens to the file yet.
func openPool(path string, connections int, parameters url.Values) (*sql.DB, error) {
	address := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: parameters.Encode()}
	if !filepath.IsAbs(path) {
		address = url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: parameters.Encode()}
	}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func (s *Store) prepare(ctx context.Context, path string) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write, folder)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.settle(ctx, path)
}

// Unavailable tells whether an error of this package means that the database
// can't answer, or can't be written to, at the moment.
func Unavailable(err error) bool {
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return errors.Is(err, context.DeadlineExceeded)
	}
	switch failed.Code() & 0xff { // the rest says more precisely why
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

// StorageFull tells whether an error of this package means that the file can't grow, or
// can't be written to. What was to be changed is unchanged then.
func StorageFull(err error) bool {
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY:
		return true
	}
	switch failed.Code() { // a quota, or the process's limit; a disk that fails
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE:
		return true
	}
	return false
}

// Close closes the file. Calls in progress end first.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// transact does work in one transaction that holds the write lock from its
// beginning.
func (s *Store) transact(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			return errors.Join(err, rollback)
		}
		return err
	}
	return tx.Commit()
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }
