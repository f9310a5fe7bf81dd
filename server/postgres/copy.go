package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"cartline/server/transfer"
)

// ErrUnfinished is returned by Open for a database into which another one was copied, but
// not to the end. Whoever served from it would have lost the rest.
var ErrUnfinished = errors.New("a copy into this database was not finished; run cartline copy again, or make a new database")

// copyNote is the table whose being there says that a copy isn't finished.
const copyNote = `copy_unfinished`

// CopyTarget is a database into which another one is copied.
type CopyTarget struct {
	store *Store
	conn  *pgxpool.Conn // holds the lock of copies
}

var _ transfer.Target = (*CopyTarget)(nil)

// copyLock is the advisory lock of copies, of which a database takes one at a time.
const copyLock = 0x636f7079 // "copy"

// copyLockTimeout is how long a copy waits for the end of another, whose process may be
// dead without the database having noticed it yet.
var copyLockTimeout = 30 * time.Second

// OpenCopy opens a database to copy into, which may have the beginning of a copy
// already, and brings its schema up to date. It returns transfer.ErrBusy while another
// program does the same.
func OpenCopy(ctx context.Context, dsn string) (_ *CopyTarget, err error) {
	s, err := openAny(ctx, dsn)
	if err != nil {
		return nil, err
	}
	t := &CopyTarget{store: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	if t.conn, err = s.pool.Acquire(ctx); err != nil {
		return nil, err
	}
	_, err = t.conn.Exec(ctx, fmt.Sprintf(`SET lock_timeout = %d`, copyLockTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	_, err = t.conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, copyLock)
	const notAvailable = "55P03"
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == notAvailable {
		return nil, transfer.ErrBusy
	}
	if err == nil {
		_, err = t.conn.Exec(ctx, `RESET lock_timeout`)
	}
	return t, err
}

// Close lets go of the database.
func (t *CopyTarget) Close() error {
	if t.conn != nil {
		t.conn.Release()
	}
	return t.store.Close()
}

// checkFinished returns ErrUnfinished if a copy wasn't finished.
func (s *Store) checkFinished(ctx context.Context) error {
	var unfinished bool
	err := s.pool.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, copyNote).Scan(&unfinished)
	if err == nil && unfinished {
		err = ErrUnfinished
	}
	return err
}

// Begin implements transfer.Target.
func (t *CopyTarget) Begin(ctx context.Context, digest string) (resumed bool, err error) {
	err = pgx.BeginFunc(ctx, t.conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, copyNote).Scan(&resumed); err != nil {
			return err
		}
		if resumed {
			var of string
			if err := tx.QueryRow(ctx, `SELECT digest FROM `+copyNote).Scan(&of); err != nil {
				return err
			}
			if of != digest {
				return transfer.ErrOther
			}
			return nil
		}
		for _, table := range transfer.Tables() {
			var filled bool
			if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+table.Name+`)`).Scan(&filled); err != nil {
				return err
			}
			if filled {
				return fmt.Errorf("%w: in the table %s", transfer.ErrNotEmpty, table.Name)
			}
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE `+copyNote+` (digest text NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO `+copyNote+` VALUES ($1)`, digest)
		return err
	})
	return resumed, err
}

// kinds tells of the types of our columns what they hold.
var kinds = map[string]transfer.Kind{
	"text": transfer.Text, "json": transfer.Text,
	"bigint": transfer.Integer, "integer": transfer.Integer,
	"boolean":                  transfer.Boolean,
	"timestamp with time zone": transfer.Time,
	"bytea":                    transfer.Bytes,
}

// Columns implements transfer.Target. The transaction of an activity is left out: each
// gets that which writes it, so that the log is in the order in which it was copied.
func (t *CopyTarget) Columns(ctx context.Context, table string) (columns []transfer.Column, err error) {
	rows, err := t.conn.Query(ctx, `
		SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
		WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
	if err != nil {
		return nil, err
	}
	var name, kind string
	_, err = pgx.ForEachRow(rows, []any{&name, &kind}, func() error {
		if kind == "xid8" {
			return nil
		}
		if kinds[kind] == "" {
			return fmt.Errorf("%s.%s is of the type %s", table, name, kind)
		}
		columns = append(columns, transfer.Column{Name: name, Kind: kinds[kind]})
		return nil
	})
	return columns, err
}

// Count implements transfer.Target.
func (t *CopyTarget) Count(ctx context.Context, table string) (n int64, err error) {
	err = t.conn.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n)
	return n, err
}

// Append implements transfer.Target. COPY takes the ids of the other database also where
// this one would give its own.
func (t *CopyTarget) Append(ctx context.Context, table transfer.Table, columns []transfer.Column, rows []transfer.Row) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	// A statement is a transaction.
	_, err := t.conn.CopyFrom(ctx, pgx.Identifier{table.Name}, names, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		return rows[i], nil
	}))
	return err
}

// Rows implements transfer.Target. The log is read in its own order, so that to compare
// the rows is to compare that as well.
func (t *CopyTarget) Rows(ctx context.Context, table transfer.Table, columns []transfer.Column, skip int64) iter.Seq2[transfer.Row, error] {
	return func(yield func(transfer.Row, error) bool) {
		rows, err := t.conn.Query(ctx, `
			SELECT `+selected(columns)+` FROM `+table.Name+`
			ORDER BY `+ordered(table, columns)+` OFFSET $1`, skip)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := rows.Values()
			for i, c := range columns {
				if c.Kind == transfer.Time && err == nil && row[i] != nil {
					row[i] = row[i].(time.Time).UTC()
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// selected lists columns so that each comes as its kind's Go type.
func selected(columns []transfer.Column) string {
	casts := map[transfer.Kind]string{transfer.Text: "::text", transfer.Integer: "::bigint"}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name + casts[c.Kind]
	}
	return strings.Join(list, `, `)
}

// ordered says in which order a table is read: texts by their bytes, as in SQLite.
func ordered(table transfer.Table, columns []transfer.Column) string {
	if table.Name == "activity" {
		return `tx, id`
	}
	var list []string
	for _, name := range table.Order {
		for _, c := range columns {
			if c.Name == name && c.Kind == transfer.Text {
				name += ` COLLATE "C"`
				break
			}
		}
		list = append(list, name)
	}
	return strings.Join(list, `, `)
}

// Finish implements transfer.Target. The log begins another epoch, in which no cursor of
// before is good, neither of the other database nor of this one when it was empty.
func (t *CopyTarget) Finish(ctx context.Context) error {
	return pgx.BeginFunc(ctx, t.conn, func(tx pgx.Tx) error {
		for _, table := range []string{"activity", "audit"} {
			_, err := tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), max(id)) FROM `+table+` HAVING max(id) IS NOT NULL`, table)
			if err != nil {
				return err
			}
		}
		if err := beginEpoch(ctx, tx); err != nil {
			return err
		}
		// Until the database has counted by itself, it would plan for empty tables. What is
		// interrupted here isn't finished, and goes on.
		if _, err := tx.Exec(ctx, `ANALYZE`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DROP TABLE `+copyNote)
		return err
	})
}
