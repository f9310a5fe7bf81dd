package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
)

// Progress is told each second how many bytes of how many, about, are written.
type Progress func(written, total int64)

// aBackup takes the place of a file's identity in a copy, so that whoever opens it,
// wherever it lies, begins another epoch.
const aBackup = "a backup"

// Backup copies the database file at a path into a new one, while whoever uses it goes
// on: the copy has everything that was committed before, and no change by half. The
// schema stays as it is. The error is one of fs.ErrExist if there is such a file
// already; after an error there is none. It returns the copy's size in bytes.
func Backup(ctx context.Context, from, to string, progress Progress) (size int64, err error) {
	// The name is taken first, and the file gets it when it is complete.
	reserved, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	temporary, err := newTemporary(to)
	defer func() {
		if err != nil {
			err = errors.Join(err, temporary.remove(), os.Remove(to))
		}
	}()
	if err := errors.Join(err, reserved.Close()); err != nil {
		return 0, err
	}
	if err := vacuumInto(ctx, from, temporary.path, progress); err != nil {
		return 0, err
	}
	if err := alter(ctx, temporary.path, markBackup); err != nil {
		return 0, err
	}
	return temporary.become(to)
}

// vacuumInto writes the database as of one moment into an empty file.
func vacuumInto(ctx context.Context, from, to string, progress Progress) (err error) {
	to, err = filepath.Abs(to) // else a name could be taken for a URL
	if err != nil {
		return err
	}
	db, err := openExisting(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var total int64
	if err := db.QueryRowContext(ctx, `
		SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&total); err != nil {
		return fmt.Errorf("%s: %w", from, broken(err))
	}
	defer follow(to, total, progress)()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return fmt.Errorf("copy %s: %w", from, broken(err))
	}
	return nil
}

// follow tells how a file grows, until the function that it returns is called.
func follow(path string, total int64, progress Progress) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if info, err := os.Stat(path); err == nil {
					progress(info.Size(), total)
				}
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// openExisting opens a file on one connection, as it is: nothing is made or altered.
func openExisting(path string, pragmas ...string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return openPool(path, 1, url.Values{"mode": {"rw"}, "_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)})
}

// alter does something to a file that nobody else uses, in one transaction.
func alter(ctx context.Context, path string, do func(ctx context.Context, tx *sql.Tx) error) (err error) {
	db, err := openExisting(path, "journal_mode(DELETE)", "synchronous(FULL)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func markBackup(ctx context.Context, tx *sql.Tx) error {
	version, err := schemaVersion(ctx, tx)
	if err != nil || version < withFile {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE log_epoch SET file = ?`, aBackup)
	return err
}

// withFile is the version of the schema from which on an epoch knows its file.
const withFile = 4

// ErrForeign is returned for a file that is no database of ours.
var ErrForeign = errors.New("not a Cartline database")

// schemaVersion returns the version of a database's schema, or ErrForeign.
func schemaVersion(ctx context.Context, tx *sql.Tx) (version int64, err error) {
	var tables int
	err = tx.QueryRowContext(ctx, `
		SELECT count(*) FROM sqlite_schema
		WHERE type = 'table' AND name IN ('goose_db_version', 'log_epoch', 'activity', 'shopper_session')`).Scan(&tables)
	if err != nil {
		return 0, err
	}
	if tables < 4 {
		return 0, ErrForeign
	}
	err = tx.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&version)
	return version, err
}

// newestVersion is the version of the schema that Open brings a file to.
func newestVersion() (int64, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, new(sql.DB), folder)
	if err != nil {
		return 0, err
	}
	sources := provider.ListSources()
	return sources[len(sources)-1].Version, nil
}

// temporary is a file that is to get another's name, in the same folder.
type temporary struct{ path string }

func newTemporary(beside string) (temporary, error) {
	file, err := os.CreateTemp(filepath.Dir(beside), filepath.Base(beside)+".*.part") // 0600
	if err != nil {
		return temporary{}, err
	}
	return temporary{file.Name()}, file.Close()
}

// fill copies a file into the temporary one.
func (t temporary) fill(ctx context.Context, from string, progress Progress) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(t.path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	defer follow(t.path, info.Size(), progress)()
	_, err = io.Copy(target, interruptible{ctx, source})
	return err
}

// interruptible reads until its context ends.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// become makes sure that the file is on disk, and gives it its name. It returns its
// size.
func (t temporary) become(name string) (size int64, err error) {
	file, err := os.OpenFile(t.path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(t.path, name); err != nil {
		return 0, err
	}
	return info.Size(), syncFolder(filepath.Dir(name))
}

func (t temporary) remove() error {
	if t.path == "" {
		return nil
	}
	if err := os.Remove(t.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes sure that the names in a folder are on disk.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders can't be flushed there
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
