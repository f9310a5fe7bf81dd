package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/transfer"
)

// memory is a database of tables that each have the columns id and text.
type memory struct {
	tables map[string][]transfer.Row
	extra  string        // a column more, in one of them
	slow   time.Duration // that reading a row takes

	digest     string // of the copy that was begun
	finished   bool
	left       int // how many parts are written until it fails; -1 is never
	appended   int
	appendsMax int
}

var columns = []transfer.Column{{Name: "id", Kind: transfer.Integer}, {Name: "text", Kind: transfer.Text}}

func newMemory(rows int) *memory {
	m := &memory{tables: map[string][]transfer.Row{}, left: -1}
	for _, table := range transfer.Tables() {
		for i := range rows {
			m.tables[table.Name] = append(m.tables[table.Name], transfer.Row{int64(i), fmt.Sprint(table.Name, i)})
		}
	}
	return m
}

// asSource has a Source's Columns.
type asSource struct{ *memory }

func (s asSource) Columns(_ context.Context, table string) (names []string, err error) {
	names = []string{"text", "id"} // in another order
	if s.extra == table {
		names = append(names, "extra")
	}
	return names, nil
}

func (m *memory) Columns(context.Context, string) ([]transfer.Column, error) {
	return slices.Clone(columns), nil
}

func (m *memory) Rows(_ context.Context, table transfer.Table, columns []transfer.Column, skip int64) iter.Seq2[transfer.Row, error] {
	return func(yield func(transfer.Row, error) bool) {
		for _, row := range m.tables[table.Name][skip:] {
			time.Sleep(m.slow)
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (m *memory) Count(_ context.Context, table string) (int64, error) {
	return int64(len(m.tables[table])), nil
}

func (m *memory) Begin(_ context.Context, digest string) (bool, error) {
	if m.digest != "" && m.digest != digest {
		return false, transfer.ErrOther
	}
	resumed := m.digest != ""
	m.digest = digest
	return resumed, nil
}

var errCut = errors.New("the cable was cut")

func (m *memory) Append(_ context.Context, table transfer.Table, _ []transfer.Column, rows []transfer.Row) error {
	if m.left == 0 {
		return errCut
	}
	m.left--
	m.appended++
	m.appendsMax = max(m.appendsMax, len(rows))
	m.tables[table.Name] = append(m.tables[table.Name], slices.Clone(rows)...)
	return nil
}

func (m *memory) Finish(context.Context) error {
	m.finished = true
	return nil
}

func ignore(transfer.Step, int64, int64) {}

// However often it is interrupted, and wherever, it goes on, and in the end has all.
func TestRunGoesOn(t *testing.T) {
	from := newMemory(2500) // three parts of each table
	parts := 3 * len(transfer.Tables())
	for stop := range parts + 1 {
		to := newMemory(0)
		to.left = stop
		interrupted := 0
		for {
			result, err := transfer.Run(t.Context(), asSource{from}, to, ignore)
			if err == nil {
				if result.Resumed != (interrupted > 0) {
					t.Errorf("stopped after %d: got resumed %v after %d interruptions", stop, result.Resumed, interrupted)
				}
				break
			}
			if !errors.Is(err, errCut) || to.finished {
				t.Fatalf("stopped after %d: got %v, finished %v", stop, err, to.finished)
			}
			interrupted++
			to.left = max(1, stop)
		}
		if !reflect.DeepEqual(to.tables, from.tables) || !to.finished {
			t.Errorf("stopped after %d: the copy is not what there is", stop)
		}
		if to.appended != parts || to.appendsMax > 1000 {
			t.Errorf("stopped after %d: %d parts were written, with up to %d rows; want %d, none twice", stop, to.appended, to.appendsMax, parts)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(from, to *memory)
		want  error
		says  string
	}{
		{"a column that is not there", func(from, _ *memory) { from.extra = "audit" }, transfer.ErrShape, "audit"},
		{"another copy's beginning", func(_, to *memory) { to.digest = "other" }, transfer.ErrOther, ""},
		{"more rows than there are", func(_, to *memory) {
			to.tables["cart"] = slices.Repeat([]transfer.Row{{int64(0), "cart0"}}, 4)
		}, transfer.ErrDiffers, "cart"},
		{"another row", func(_, to *memory) { to.tables["cart"] = []transfer.Row{{int64(0), "another"}} }, transfer.ErrDiffers, "cart"},
		{"another number", func(_, to *memory) { to.tables["staff"] = []transfer.Row{{int64(7), "staff0"}} }, transfer.ErrDiffers, "staff"},
		{"nothing in place of an empty text", func(from, to *memory) {
			from.tables["audit"][0][1] = ""
			to.tables["audit"] = []transfer.Row{{int64(0), nil}}
		}, transfer.ErrDiffers, "audit"},
		{"another order", func(_, to *memory) {
			to.tables["activity"] = []transfer.Row{{int64(1), "activity1"}, {int64(0), "activity0"}}
		}, transfer.ErrDiffers, "activity"},
	} {
		from, to := newMemory(3), newMemory(0)
		test.spoil(from, to)
		_, err := transfer.Run(t.Context(), asSource{from}, to, ignore)
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || to.finished {
			t.Errorf("%s: got %v, finished %v; want %v", test.name, err, to.finished, test.want)
		}
	}
}

// Who waits hears of it each second, and who doesn't have to hears nothing.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newMemory(100)
		from.slow = 10 * time.Millisecond
		told := map[transfer.Step]int{}
		tables := len(transfer.Tables())
		_, err := transfer.Run(t.Context(), asSource{from}, newMemory(0), func(step transfer.Step, done, total int64) {
			told[step]++
			want := int64(100 * tables)
			if step == transfer.Reading {
				want = 0
			}
			if total != want || done != int64(100*told[step]) {
				t.Errorf("%s: got %d of %d", step, done, total)
			}
		})
		if want := map[transfer.Step]int{transfer.Reading: tables, transfer.Copying: tables}; err != nil || !reflect.DeepEqual(told, want) {
			t.Errorf("got %v, %v; want %v", told, err, want)
		}
	})
}
