package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Step is what Run is about.
type Step string

// The steps, in their order.
const (
	Reading   Step = "read"
	Copying   Step = "copied"
	Comparing Step = "compared"
)

// Progress is told, each second, how many rows of how many are done in a step. Of
// Reading, how many there are isn't known yet: 0.
type Progress func(step Step, done, total int64)

// Result is what Run did.
type Result struct {
	Tables  []Stock
	Resumed bool // it went on with a copy that was interrupted
}

// A part is what is written in one transaction. What was interrupted begins anew with
// the part in which it was.
const (
	partRows  = 1000
	partBytes = 4 << 20
)

// Run copies everything from a database into an empty one, and compares both at the end.
// If it is interrupted, even by a crash, and called again, it goes on behind the last
// part that was written. It can do so without any other note, as the source is the same,
// which its digest tells; the rows of a table have an order; and each part is there
// whole or not at all: so of a table with n rows there, the first n were copied.
func Run(ctx context.Context, from Source, to Target, progress Progress) (Result, error) {
	shapes, err := match(ctx, from, to)
	if err != nil {
		return Result{}, err
	}
	there, err := takeStock(ctx, from, shapes, newMeter(Reading, 0, progress).seen)
	if err != nil {
		return Result{}, err
	}
	result := Result{Tables: there}
	if result.Resumed, err = to.Begin(ctx, digestOf(there)); err != nil {
		return Result{}, err
	}
	var total int64
	for _, stock := range there {
		total += stock.Rows
	}
	meter := newMeter(Copying, total, progress)
	for i, s := range shapes {
		if err := copyTable(ctx, from, to, s, there[i].Rows, meter); err != nil {
			return Result{}, err
		}
	}
	copied, err := takeStock(ctx, to, shapes, newMeter(Comparing, total, progress).seen)
	if err != nil {
		return Result{}, err
	}
	for i, want := range there {
		if copied[i] != want {
			return Result{}, fmt.Errorf("%w: the table %s, with %d rows there and %d here", ErrDiffers, want.Table, want.Rows, copied[i].Rows)
		}
	}
	return result, to.Finish(ctx)
}

// match finds the columns of each table, which both databases must have.
func match(ctx context.Context, from Source, to Target) ([]shape, error) {
	var shapes []shape
	for _, table := range tables {
		columns, err := to.Columns(ctx, table.Name)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(columns, func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
		var here []string
		for _, c := range columns {
			here = append(here, c.Name)
		}
		there, err := from.Columns(ctx, table.Name)
		if err != nil {
			return nil, err
		}
		slices.Sort(there)
		if !slices.Equal(there, here) {
			return nil, fmt.Errorf("%w: %s has %s there and %s here", ErrShape, table.Name, strings.Join(there, ", "), strings.Join(here, ", "))
		}
		shapes = append(shapes, shape{table: table, columns: columns})
	}
	return shapes, nil
}

// copyTable copies what of a table isn't there yet.
func copyTable(ctx context.Context, from Source, to Target, s shape, total int64, meter *meter) error {
	done, err := to.Count(ctx, s.table.Name)
	if err != nil {
		return err
	}
	if done > total {
		return fmt.Errorf("%w: the table %s has %d rows, which is more than the %d there", ErrDiffers, s.table.Name, done, total)
	}
	meter.done += done
	var part []Row
	size := 0
	write := func() error {
		if len(part) == 0 {
			return nil
		}
		if err := to.Append(ctx, s.table, s.columns, part); err != nil {
			return fmt.Errorf("write %s: %w", s.table.Name, err)
		}
		part, size = part[:0], 0
		return nil
	}
	for row, err := range from.Rows(ctx, s.table, s.columns, done) {
		if err != nil {
			return fmt.Errorf("read %s: %w", s.table.Name, err)
		}
		part = append(part, row)
		size += sizeOf(row)
		meter.seen()
		if len(part) == partRows || size >= partBytes {
			if err := write(); err != nil {
				return err
			}
		}
	}
	return write()
}

// sizeOf tells about how much memory a row takes.
func sizeOf(row Row) (size int) {
	for _, value := range row {
		switch v := value.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
		size += 24
	}
	return size
}

// meter tells how a step gets on.
type meter struct {
	step        Step
	done, total int64
	progress    Progress
	told        time.Time
}

func newMeter(step Step, total int64, progress Progress) *meter {
	return &meter{step: step, total: total, progress: progress, told: time.Now()}
}

func (m *meter) seen() {
	m.done++
	if now := time.Now(); now.Sub(m.told) >= time.Second {
		m.told = now
		m.progress(m.step, m.done, m.total)
	}
}
