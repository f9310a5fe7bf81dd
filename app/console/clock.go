package console

import (
	"strings"
	"sync"
	"time"

	"cartline/app/part"
	"cartline/shared/lab"
)

// clockAge is how long a measurement of the clocks is kept though a newer one is less
// exact: clocks drift apart.
const clockAge = 10 * time.Minute

// clockTick is how exact a browser tells the time of day.
const clockTick = time.Millisecond

// clock knows how far this computer's clock is ahead of the server's. It may be used
// from any goroutine.
type clock struct {
	mu     sync.Mutex
	known  bool
	same   bool          // both are on one computer, as far as the address tells
	ahead  time.Duration // of the server's; less than nothing is behind
	margin time.Duration // it may be that much more or less
	at     time.Time     // of the measurement, or zero
}

// newClock takes what the page's address tells: of a server on this computer, the clock
// is this one.
func newClock(from site) *clock {
	local := from.loopback()
	return &clock{known: local, same: local}
}

// loopback tells whether a site is on this computer.
func (s site) loopback() bool {
	host := strings.TrimSuffix(s.host, ":"+port(s.host))
	return host == "localhost" || host == "[::1]" || strings.HasPrefix(host, "127.") && strings.Trim(host, "0123456789.") == "" ||
		strings.HasSuffix(host, ".localhost")
}

func port(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[i+1:]
	}
	return ""
}

// measured takes what the server's clock showed while it answered a question that was
// asked at a time of this clock's and took so long.
func (c *clock) measured(asked time.Time, took time.Duration, server time.Time) {
	ahead, margin := asked.Add(took/2).Sub(server), took/2+clockTick
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && c.margin < margin && asked.Sub(c.at) < clockAge {
		return
	}
	if c.same && ahead.Abs() <= margin {
		ahead = 0 // which can't be told from this, and is what the address says
	}
	c.known, c.ahead, c.margin, c.at = true, ahead, margin, asked
}

// delay is how long something took to get here that happened at a time of the server's,
// and whether that can be known. It is never less than nothing.
func (c *clock) delay(since, here time.Time) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if since.IsZero() || !c.known {
		return 0, false
	}
	return max(0, here.Sub(since)-c.ahead), true
}

// String tells how the clocks differ, as a sentence.
func (c *clock) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	exact := " (±" + lab.Millis(c.margin) + ")."
	switch {
	case c.at.IsZero():
		return ""
	case c.ahead.Abs() <= c.margin:
		return "This computer's clock agrees with the server's" + exact
	case c.ahead > 0:
		return "This computer's clock is " + span(c.ahead) + " ahead of the server's" + exact
	default:
		return "This computer's clock is " + span(-c.ahead) + " behind the server's" + exact
	}
}

// span writes a time that is short or long.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return lab.Millis(d)
	}
	return part.Duration(d)
}
