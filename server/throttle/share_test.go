package throttle

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// table is a Shared that counts, and fails when it is told to.
type table struct {
	tries map[string]int
	down  bool
}

var errDown = errors.New("the table is away")

func (s *table) BeginTry(_ context.Context, key []byte, most int, window time.Duration) (time.Duration, error) {
	if s.down {
		return 0, errDown
	}
	if s.tries[string(key)] >= most {
		return window, nil
	}
	s.tries[string(key)]++
	return 0, nil
}

func (s *table) ReturnTry(_ context.Context, key []byte) error {
	if s.down {
		return errDown
	}
	s.tries[string(key)]--
	return nil
}

func (s *table) ForgiveTries(_ context.Context, key []byte) error {
	if s.down {
		return errDown
	}
	delete(s.tries, string(key))
	return nil
}

// Throttles of one name in several processes allow together what one does alone.
func TestThrottlesShare(t *testing.T) {
	shared := &table{tries: make(map[string]int)}
	never := func(err error) { t.Error(err) }
	one, other, stranger := New(3, time.Hour), New(3, time.Hour), New(3, time.Hour)
	one.Share("sign-in", shared, never)
	other.Share("sign-in", shared, never)
	stranger.Share("knock", shared, never)
	begin(t, one, "ann@example.com", 0)
	begin(t, other, "ann@example.com", 0)
	begin(t, one, "ann@example.com", 0)
	begin(t, other, "ann@example.com", time.Hour)
	begin(t, one, "ann@example.com", time.Hour)
	begin(t, other, "bob", 0)
	begin(t, stranger, "ann@example.com", 0)
	one.Return("ann@example.com")
	begin(t, other, "ann@example.com", 0)
	begin(t, other, "ann@example.com", time.Hour)
	// Forgiven at one, forgiven at all, whatever the other has counted itself.
	one.Forgive("ann@example.com")
	for range 3 {
		begin(t, other, "ann@example.com", 0)
	}
	for key := range shared.tries {
		if strings.Contains(key, "ann") || strings.Contains(key, "bob") {
			t.Errorf("the table holds %q", key)
		}
	}
}

// While what is shared is away, each goes by what it has seen itself, and what it saw
// before counts.
func TestThrottleAlone(t *testing.T) {
	shared := &table{tries: make(map[string]int)}
	failures := 0
	one := New(3, time.Hour)
	one.Share("sign-in", shared, func(err error) {
		if !errors.Is(err, errDown) {
			t.Error(err)
		}
		failures++
	})
	begin(t, one, "ann", 0)
	begin(t, one, "ann", 0)
	shared.down = true
	begin(t, one, "ann", 0)
	if one.Begin("ann") == 0 {
		t.Error("more than three were allowed")
	}
	one.Return("ann")
	begin(t, one, "ann", 0)
	one.Forgive("ann")
	begin(t, one, "ann", 0)
	if failures != 6 {
		t.Errorf("told of %d failures, want 6", failures)
	}
	// What others allowed meanwhile may be more than there is room for here.
	shared.down = false
	clear(shared.tries)
	for range 3 {
		begin(t, one, "ann", 0)
	}
	if got := len(one.tries["ann"]); got != 3 {
		t.Errorf("keeps %d tries, want 3", got)
	}
}
