package transfer

import (
	"context"
	"errors"
	"iter"
)

// Table is one that both kinds of databases have.
type Table struct {
	Name string
	// Order are the columns that tell a row from every other, by which it has its place.
	Order []string
}

// tables are moved in this order, in which no row comes before one that it refers to.
var tables = []Table{
	{"product", []string{"sku"}},
	{"customer", []string{"id"}},
	{"cart", []string{"id"}},
	{"presence", []string{"cart_id", "staff"}},
	{"activity", []string{"id"}},
	{"audit", []string{"id"}},
	{"staff", []string{"username"}},
	{"staff_role", []string{"username", "role"}},
	{"staff_totp", []string{"username"}},
	{"staff_recovery", []string{"username", "code_hash"}},
	{"staff_session", []string{"token_hash"}},
	{"shopper_session", []string{"token_hash"}},
}

// Tables lists what is moved.
func Tables() []Table { return append([]Table(nil), tables...) }

// Stays says of each table that is not moved why it isn't.
var Stays = map[string]string{
	"goose_db_version":    "each database has its own schema",
	"log_epoch":           "a log that was copied begins another epoch",
	"staff_revision":      "processes compare it only with what they have seen themselves",
	"shopper_ended":       "sockets that hang on those sessions are gone with their process",
	"shopper_ended_count": "as shopper_ended",
}

// Kind is what a column holds.
type Kind string

// The kinds, each with the Go type of its values. Every one may be nil instead.
const (
	Text    Kind = "text"    // string
	Integer Kind = "integer" // int64
	Boolean Kind = "boolean" // bool
	Time    Kind = "time"    // time.Time, of whole microseconds
	Bytes   Kind = "bytes"   // []byte
)

// Column is one of a table's.
type Column struct {
	Name string
	Kind Kind
}

// Row has a value for each column.
type Row []any

// Source is the database from which is copied. It doesn't change meanwhile.
type Source interface {
	// Columns names a table's.
	Columns(ctx context.Context, table string) ([]string, error)
	// Rows reads a table in its order, without the first rows, of which skip says how
	// many.
	Rows(ctx context.Context, table Table, columns []Column, skip int64) iter.Seq2[Row, error]
}

// Target is the database into which is copied.
type Target interface {
	// Columns tells a table's, but for those that the database fills itself.
	Columns(ctx context.Context, table string) ([]Column, error)
	Rows(ctx context.Context, table Table, columns []Column, skip int64) iter.Seq2[Row, error]
	// Begin notes in the database what the copy is of, told by a digest, or tells that
	// it was begun before. It returns ErrNotEmpty, ErrOther or ErrBusy.
	Begin(ctx context.Context, digest string) (resumed bool, err error)
	// Count tells how many rows a table has.
	Count(ctx context.Context, table string) (int64, error)
	// Append adds rows, in their order and behind those that are there: all or none.
	Append(ctx context.Context, table Table, columns []Column, rows []Row) error
	// Finish takes the note of Begin away, once everything was compared.
	Finish(ctx context.Context) error
}

// Errors of Run, besides those of the databases.
var (
	// ErrNotEmpty means that the target has data that is of no copy.
	ErrNotEmpty = errors.New("there is data in it already")
	// ErrOther means that a copy was begun there of another database, or of this one
	// before it changed.
	ErrOther = errors.New("it has the beginning of another copy")
	// ErrBusy means that another program is copying there.
	ErrBusy = errors.New("another copy is being made into it")
	// ErrDiffers means that the target doesn't have what the source has.
	ErrDiffers = errors.New("what was copied is not what there is")
	// ErrShape means that the schemas don't fit.
	ErrShape = errors.New("the tables are not alike")
)
