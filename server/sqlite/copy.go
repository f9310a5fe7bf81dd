package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"strings"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"cartline/server/transfer"
)

// ErrOlder is returned for a file whose schema isn't up to date.
var ErrOlder = errors.New("of an older version than this program's")

// Frozen is a database file that nobody else can open as long as this isn't closed, and
// that this doesn't change either. It is what a copy into another database is made of.
type Frozen struct {
	db *sql.DB
	tx *sql.Tx
}

var _ transfer.Source = (*Frozen)(nil)

// Freeze opens a file of ours. It returns ErrInUse if any process has it open,
// ErrForeign, ErrOlder, ErrNewer, or an error of fs.ErrNotExist.
//
// Who is alone can make the file leave its WAL mode, and then lock even readers out; the
// next to open it finds it as it was. The lock is the operating system's, so that it
// ends with the process.
func Freeze(ctx context.Context, path string) (_ *Frozen, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	if err := alone(ctx, path); err != nil {
		return nil, err
	}
	db, err := openPool(path, 1, url.Values{"mode": {"rw"}, "_txlock": {"exclusive"}, "_pragma": {"busy_timeout(0)"}})
	if err != nil {
		return nil, err
	}
	f := &Frozen{db: db}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if f.tx, err = db.BeginTx(ctx, nil); err != nil {
		return nil, inUse(broken(err))
	}
	return f, f.check(ctx)
}

// inUse tells that another process has locked the file.
func inUse(err error) error {
	var failed *driver.Error
	if errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_BUSY {
		return ErrInUse
	}
	return err
}

func (f *Frozen) check(ctx context.Context) error {
	// Somebody may have opened the file between our two looks at it, and be its reader.
	var mode string
	if err := f.tx.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return broken(err)
	}
	if mode != "delete" {
		return ErrInUse
	}
	version, err := schemaVersion(ctx, f.tx)
	if err != nil {
		return broken(err)
	}
	newest, err := newestVersion()
	switch {
	case err != nil:
		return err
	case version < newest:
		return ErrOlder
	case version > newest:
		return ErrNewer
	}
	return nil
}

// Close lets others have the file again.
func (f *Frozen) Close() (err error) {
	if f.tx != nil {
		if err = f.tx.Rollback(); errors.Is(err, sql.ErrTxDone) { // the context has ended
			err = nil
		}
	}
	return errors.Join(err, f.db.Close())
}

// Columns implements transfer.Source.
func (f *Frozen) Columns(ctx context.Context, table string) (names []string, err error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT name FROM pragma_table_info(?)`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Rows implements transfer.Source.
func (f *Frozen) Rows(ctx context.Context, table transfer.Table, columns []transfer.Column, skip int64) iter.Seq2[transfer.Row, error] {
	return func(yield func(transfer.Row, error) bool) {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.Name
		}
		rows, err := f.tx.QueryContext(ctx, `
			SELECT `+strings.Join(names, `, `)+` FROM `+table.Name+`
			ORDER BY `+strings.Join(table.Order, `, `)+` LIMIT -1 OFFSET ?`, skip)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scanRow(rows, columns)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func scanRow(rows *sql.Rows, columns []transfer.Column) (transfer.Row, error) {
	row, into := make(transfer.Row, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, c := range columns {
		value, ok := convert(row[i], c.Kind)
		if !ok {
			return nil, fmt.Errorf("%s is no %s: %T", c.Name, c.Kind, row[i])
		}
		row[i] = value
	}
	return row, nil
}

// convert makes of a value what its column holds. Times and truth are numbers here.
func convert(value any, kind transfer.Kind) (_ any, ok bool) {
	number, isNumber := value.(int64)
	switch {
	case value == nil:
		return nil, true
	case kind == transfer.Time && isNumber:
		return fromMicros(number), true
	case kind == transfer.Boolean && isNumber:
		return number != 0, true
	case kind == transfer.Integer:
		return value, isNumber
	case kind == transfer.Text:
		_, ok = value.(string)
	case kind == transfer.Bytes:
		_, ok = value.([]byte)
	}
	return value, ok
}
