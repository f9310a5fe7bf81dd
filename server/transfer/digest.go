package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"
	"time"
)

// Stock is what a table has.
type Stock struct {
	Table  string
	Rows   int64
	Digest string // of every value of every row, in the table's order
}

// shape is a table with the columns that are moved.
type shape struct {
	table   Table
	columns []Column
}

// rowReader is what a Source and a Target have in common.
type rowReader interface {
	Rows(ctx context.Context, table Table, columns []Column, skip int64) iter.Seq2[Row, error]
}

// takeStock reads every row of every table.
func takeStock(ctx context.Context, from rowReader, shapes []shape, seen func()) ([]Stock, error) {
	var all []Stock
	for _, s := range shapes {
		digest := sha256.New()
		stock := Stock{Table: s.table.Name}
		for row, err := range from.Rows(ctx, s.table, s.columns, 0) {
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", s.table.Name, err)
			}
			if err := addRow(digest, s, row); err != nil {
				return nil, err
			}
			stock.Rows++
			seen()
		}
		stock.Digest = hex.EncodeToString(digest.Sum(nil))
		all = append(all, stock)
	}
	return all, nil
}

// addRow adds a row to a digest, so that no two different rows add the same.
func addRow(digest hash.Hash, s shape, row Row) error {
	if len(row) != len(s.columns) {
		return fmt.Errorf("%s: %d values for %d columns", s.table.Name, len(row), len(s.columns))
	}
	var b []byte
	for i, value := range row {
		switch v := value.(type) {
		case nil:
			b = append(b, 'n')
		case string:
			b = append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case bool:
			if v {
				b = append(b, 't')
			} else {
				b = append(b, 'f')
			}
		case time.Time:
			b = binary.BigEndian.AppendUint64(append(b, 'z'), uint64(v.UnixMicro()))
		default:
			return fmt.Errorf("%s.%s: a value of the type %T", s.table.Name, s.columns[i].Name, value)
		}
	}
	_, _ = digest.Write(b) // never an error: hash.Hash
	return nil
}

// digestOf makes one digest of all.
func digestOf(stocks []Stock) string {
	digest := sha256.New()
	for _, s := range stocks {
		fmt.Fprintf(digest, "%s %d %s\n", s.Table, s.Rows, s.Digest)
	}
	return hex.EncodeToString(digest.Sum(nil))
}
