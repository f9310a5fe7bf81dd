package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of Restore.
var (
	ErrNewer  = errors.New("of a newer version than this program's")
	ErrBroken = errors.New("damaged")
	ErrInUse  = errors.New("in use")
)

// Restore makes the database file at a path a copy of a backup, whose log has another
// epoch then. It checks the copy first: it is sound, ours, and not newer than we are.
//
// If there is a file at the path, the error is one of fs.ErrExist, unless it is to be
// replaced; then the error is ErrInUse while any process has it open, and otherwise it
// is put aside, under the name that is returned. The same goes for what SQLite keeps
// beside a file, and has left there without it: it would take that for changes of the
// new one. After an error, everything is as it was.
func Restore(ctx context.Context, from, to string, replace bool, progress Progress) (aside string, err error) {
	if err := checkPaths(from, to, replace); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	temporary, err := newTemporary(to)
	defer func() {
		if err != nil {
			err = errors.Join(err, temporary.remove())
		}
	}()
	if err != nil {
		return "", err
	}
	if err := temporary.fill(ctx, from, progress); err != nil {
		return "", err
	}
	if err := alter(ctx, temporary.path, beginAnew); err != nil {
		return "", fmt.Errorf("%s: %w", from, broken(err))
	}
	if replace {
		if aside, err = putAside(ctx, to); err != nil {
			return "", err
		}
	}
	if _, err := temporary.become(to); err != nil {
		return "", errors.Join(err, putBack(aside, to))
	}
	return aside, nil
}

func checkPaths(from, to string, replace bool) error {
	source, err := os.Stat(from)
	if err != nil {
		return err
	}
	if wal, err := os.Stat(from + "-wal"); err == nil && wal.Size() > 0 {
		return fmt.Errorf("%s is not a backup, but the file of a database, of which a part is in %[1]s-wal", from)
	}
	target, err := os.Stat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if left := leftBehind(to); left != "" && !replace {
			return fmt.Errorf("%s: %w", left, fs.ErrExist)
		}
		return nil
	case err != nil:
		return err
	case os.SameFile(source, target):
		return fmt.Errorf("%s is the database itself", from)
	case !replace:
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	}
	return nil
}

// broken says in our words what SQLite says of a file that makes no sense.
func broken(err error) error {
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return err
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return ErrForeign
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return err
}

// beginAnew checks a copy, and gives its log another epoch.
func beginAnew(ctx context.Context, tx *sql.Tx) error {
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	newest, err := newestVersion()
	if err != nil {
		return err
	}
	if version > newest {
		return ErrNewer
	}
	var found string // the first thing that is wrong, or ok
	if err := tx.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrBroken, found)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE log_epoch SET epoch = lower(hex(randomblob(8)))`); err != nil || version < withFile {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE log_epoch SET trimmed = 0, trimmed_at = 0, file = ''`)
	return err
}

// putAside gives a database file, if there is one, another name besides its own, under
// which it will stay. What SQLite keeps beside it must not meet another file of its
// name, and is moved.
func putAside(ctx context.Context, path string) (aside string, err error) {
	_, err = os.Stat(path)
	gone := errors.Is(err, fs.ErrNotExist)
	if gone && leftBehind(path) == "" {
		return "", nil
	}
	if !gone {
		if err := alone(ctx, path); err != nil {
			return "", err
		}
	}
	aside = path + time.Now().UTC().Format(".20060102T150405.000Z")
	if _, err := os.Lstat(aside); err == nil {
		return "", fmt.Errorf("%s: %w", aside, fs.ErrExist)
	}
	for _, kind := range besides {
		if err := rename(path+kind, aside+kind); err != nil {
			return "", errors.Join(err, putBack(aside, path))
		}
	}
	if gone {
		return aside, nil
	}
	if err := os.Link(path, aside); err == nil {
		return aside, nil
	}
	// Not every file system has links. Without, there is no file of this name for a
	// moment.
	if err := os.Rename(path, aside); err != nil {
		return "", errors.Join(err, putBack(aside, path))
	}
	return aside, nil
}

// besides are the ends of the names of what SQLite keeps beside a file.
var besides = []string{"-wal", "-shm", "-journal"}

// leftBehind returns the first of what SQLite keeps beside a file that is there, or "".
func leftBehind(path string) string {
	for _, kind := range besides {
		if _, err := os.Lstat(path + kind); err == nil {
			return path + kind
		}
	}
	return ""
}

// putBack undoes putAside.
func putBack(aside, path string) (err error) {
	if aside == "" {
		return nil
	}
	for _, kind := range besides {
		err = errors.Join(err, rename(aside+kind, path+kind))
	}
	return errors.Join(err, rename(aside, path))
}

// rename renames a file, if there is one.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// alone returns ErrInUse if a process has the file open: SQLite leaves its WAL mode
// only for who is alone, and takes what is in the WAL into the file then. A file that
// is too damaged for that can't be used by others either; one that doesn't even begin
// like a database is not given to SQLite, which would clear up beside it.
func alone(ctx context.Context, path string) (err error) {
	if known, err := beginsLikeOne(path); err != nil || !known {
		return err
	}
	db, err := openExisting(path, "busy_timeout(0)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode)
	var failed *driver.Error
	switch {
	case err == nil && mode == "delete":
		_, err = db.ExecContext(ctx, `BEGIN EXCLUSIVE; COMMIT`)
	case err == nil:
		return ErrInUse
	}
	if !errors.As(err, &failed) {
		return err
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrInUse
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return nil
	}
	return err
}

// beginsLikeOne says whether a file begins as those of SQLite do.
func beginsLikeOne(path string) (known bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	const magic = "SQLite format 3\x00"
	begin := make([]byte, len(magic))
	_, err = io.ReadFull(file, begin)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	return string(begin) == magic, err
}
