// Package sqlite keeps carts, the log, staff and sessions in one SQLite file: the
// store that needs nothing installed.
//
// It implements cart.Store, cart.Log and identity.Store, and knows no rule of
// either. The driver is pure Go. One process at a time serves from a file; others
// (the staff commands) may write to it meanwhile, and Watch notices.
//
// Start with Open; change.go holds the one transaction that matters, log.go the order
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
	write   *sql.DB
	read    *sql.DB
	changes changes // prepared for write
	durable bool
}

var (
	_ cart.Store     = (*Store)(nil)
	_ cart.Log       = (*Store)(nil)
	_ identity.Store = (*Store)(nil)
)

// Synchronous says when what was committed is on the disk.
// https://www.sqlite.org/pragma.html#pragma_synchronous
type Synchronous string

const (
	// Full flushes each commit to the disk, so that it survives a loss of power.
	Full Synchronous = "full"
	// Normal flushes now and then. The danger: when the operating system crashes or
	// power fails, the last commits are gone, though they were acknowledged. The file
	// is sound nevertheless, and a crash of this program loses nothing.
	Normal Synchronous = "normal"
)

// Open is OpenWith Full.
func Open(ctx context.Context, path string) (*Store, error) { return OpenWith(ctx, path, Full) }

// OpenWith opens the file, makes it and its folder if they don't exist, and brings
// its schema up to date.
func OpenWith(ctx context.Context, path string, synchronous Synchronous) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("sqlite: give the path of a file, like sqlite:data/cartline.db")
	}
	if synchronous != Full && synchronous != Normal { // which SQLite would pass over
		return nil, fmt.Errorf("sqlite: synchronous is %s or %s, not %q", Full, Normal, synchronous)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	write, err := open(path, 1, "immediate", synchronous)
	if err != nil {
		return nil, err
	}
	// One connection more than can run at once, because Watch keeps one.
	read, err := open(path, max(2, runtime.GOMAXPROCS(0))+1, "deferred", synchronous)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	s := &Store{write: write, read: read, durable: synchronous == Full}
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
func open(path string, connections int, transactions string, synchronous Synchronous) (*sql.DB, error) {
	return openPool(path, connections, url.Values{"_txlock": {transactions}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()),
		"journal_mode(WAL)",
		// A change writes a dozen pages, most of them the same as the last one did. Into
		// the file they go once for all changes that fit into the log, of 16 MB here.
		"wal_autocheckpoint(4000)", // pages
		"synchronous(" + string(synchronous) + ")",
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

// How long a connection waits for others that write, and the one that writes while the
// schema is brought up to date.
const (
	patience          = 5 * time.Second
	migrationPatience = time.Minute
)

// setPatience says how long the connection that writes waits for others that do.
func (s *Store) setPatience(ctx context.Context, limit time.Duration) error {
	_, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, limit.Milliseconds()))
	return err
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
	// Another process may be writing without a pause, and SQLite has no line to wait in:
	// whoever finds the file locked looks again, now and then.
	if err := s.setPatience(ctx, migrationPatience); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := s.setPatience(ctx, patience); err != nil {
		return err
	}
	if err := s.settle(ctx, path); err != nil {
		return err
	}
	return s.changes.prepare(ctx, s.write)
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
func (s *Store) Close() error {
	return errors.Join(s.read.Close(), s.changes.close(), s.write.Close())
}

// Durable tells whether a commit is on the disk when it is acknowledged.
func (s *Store) Durable() bool { return s.durable }

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
