package socket

import (
	"testing"
	"time"

	"cartline/shared"
)

// TestFlood has clients send at a steady rate for a minute where 50 a second are
// taken.
func TestFlood(t *testing.T) {
	for _, test := range []struct {
		rate    int // messages a second
		refused bool
		closed  time.Duration // at the latest; 0: never
	}{
		{10, false, 0},
		{50, false, 0},
		{60, true, 0},
		{90, true, 0}, // half of them are taken, so it isn't lost on the client
		{150, true, 10 * time.Second},
		{1000, true, time.Second},
		{100_000, true, 10 * time.Millisecond},
	} {
		f := newFlood(50)
		start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		refused, closed, times := false, time.Duration(0), 0
		for i := range 60 * test.rate {
			at := time.Duration(i) * time.Second / time.Duration(test.rate)
			problem, enough := f.judge(start.Add(at))
			if problem != nil {
				refused = true
				if problem.Code != shared.CodeTooFast || problem.Detail == "" || problem.RetryAfter != 1 {
					t.Fatalf("got %+v", problem)
				}
			}
			if enough {
				closed = max(at, 1)
				times++
				if problem == nil {
					t.Errorf("%d a second: closed for a message that was taken", test.rate)
				}
				if times > 1 {
					break
				}
				for range 1000 { // what comes before the connection has ended
					if _, again := f.judge(start.Add(at)); again {
						t.Errorf("%d a second: closed twice", test.rate)
					}
				}
				break
			}
		}
		if refused != test.refused || (closed != 0) != (test.closed != 0) || closed > test.closed {
			t.Errorf("%d a second: got refused %v, closed after %v, want %v, %v", test.rate, refused, closed, test.refused, test.closed)
		}
	}
	unlimited := newFlood(0)
	for range 10_000 {
		if problem, enough := unlimited.judge(time.Now()); problem != nil || enough {
			t.Fatal("refused without a limit")
		}
	}
}
