package demo

import (
	"context"
	crand "crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Shoppers are programs that play people in the shop, so that there is something to
// see. They use nothing but the public HTTP API, and say in every report of a page
// that they are simulated.
//
// The fields may be changed before Run.
type Shoppers struct {
	// MinThink and MaxThink bound the time from one deed of a shopper to the next.
	MinThink, MaxThink time.Duration
	// Attended is how long a shopper who is attended waits before they order.
	Attended time.Duration
	// MaxPause bounds the time for which a shopper leaves the server alone after
	// errors, which grows with each.
	MaxPause time.Duration
	// Seed determines what the shoppers choose to do. It is random by default.
	Seed uint64
	// TLS is for addresses that begin with https://. Default: what Go does.
	TLS *tls.Config

	base  string
	n     int
	state *streak
}

// NewShoppers makes n shoppers for the shop at an address, like
// "http://127.0.0.1:8080".
func NewShoppers(baseURL string, n int, logger *slog.Logger) *Shoppers {
	var seed [8]byte
	_, _ = crand.Read(seed[:]) // which never fails
	return &Shoppers{
		MinThink: 2 * time.Second,
		MaxThink: 9 * time.Second,
		Attended: 2 * time.Minute,
		MaxPause: time.Minute,
		Seed:     binary.LittleEndian.Uint64(seed[:]),
		base:     strings.TrimSuffix(baseURL, "/"),
		n:        n,
		state:    &streak{logger: logger},
	}
}

// Run lets the shoppers shop until the context ends, and returns when all of them
// have stopped. What goes wrong is logged and tried again later.
func (s *Shoppers) Run(ctx context.Context) {
	var all sync.WaitGroup
	for i := range s.n {
		all.Go(func() { s.shop(ctx, rand.New(rand.NewPCG(s.Seed, uint64(i)))) })
	}
	all.Wait()
}

// shop is the life of one shopper after another, in one browser.
func (s *Shoppers) shop(ctx context.Context, choice *rand.Rand) {
	b := newBrowser(s.base, s.TLS)
	defer b.close()
	someone := newShopper(b, choice, s.Attended)
	// They don't all come in at the same moment.
	wait := time.Duration(choice.Int64N(int64(s.MaxThink) + 1))
	failures := 0
	for rest(ctx, wait) {
		began := time.Now()
		leaves, err := someone.act(ctx)
		if ctx.Err() != nil {
			return
		}
		s.state.note(began, err)
		wait = s.MinThink + time.Duration(choice.Int64N(max(0, int64(s.MaxThink-s.MinThink))+1))
		if err == nil {
			failures = 0
		} else {
			wait += min(s.MaxThink<<min(failures, 10), s.MaxPause)
			failures++
		}
		if leaves && err == nil {
			b.forget()
			someone = newShopper(b, choice, s.Attended)
		}
	}
}

// rest waits, and says whether the context is still going on.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// streak logs the first of many errors in a row, and when they are over: a server
// that is away concerns every shopper, again and again.
type streak struct {
	logger *slog.Logger

	mu      sync.Mutex
	failing bool
	since   time.Time
}

// note notes how something ended that began at a time. What began before the last
// turn tells of the time before it.
func (s *streak) note(began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed := err != nil; failed == s.failing || began.Before(s.since) {
		return
	}
	s.failing, s.since = err != nil, time.Now()
	if s.failing {
		s.logger.Warn("a simulated shopper can't go on, and tries again later", "error", err)
	} else {
		s.logger.Info("simulated shoppers go on")
	}
}
