package demo

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// logged is a log that can be read meanwhile.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// hasty returns shoppers who hardly think.
func hasty(url string, n int) (*Shoppers, *logged) {
	var l logged
	s := NewShoppers(url+"/", n, slog.New(slog.NewTextHandler(&l, nil)))
	s.MinThink, s.MaxThink, s.MaxPause, s.Seed = 0, time.Millisecond, 2*time.Millisecond, 1
	return s, &l
}

// start lets them shop, and returns a function that stops them and waits until they
// have. It may be called again.
func start(t *testing.T, s *Shoppers) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("the shoppers don't stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestShoppersShop(t *testing.T) {
	f := newFakeShop(t)
	s, log := hasty(f.url, 4)
	stop := start(t, s)
	for _, route := range []string{
		"GET /api/categories", "GET /api/products", "GET /api/products/{slug}", "GET /api/cart", "POST /api/cart/pageview",
		"PUT /api/cart/lines/{sku}", "DELETE /api/cart/lines/{sku}", "POST /api/cart/order", "POST /api/cart/help",
		"DELETE /api/cart/help", "POST /api/cart/code", "POST /api/customers",
	} {
		testenv.Eventually(t, patience, route, func() bool { return f.count(route) > 0 })
	}
	testenv.Eventually(t, patience, "people who leave without an order", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.people > f.did["POST /api/cart/order"]+4
	})
	stop()
	if got := log.count("\n"); got != 0 {
		t.Errorf("there are %d lines in the log: %s", got, log.text.String())
	}
}

// TestShoppersChooseAlike: the same seed makes the same choices, another makes others.
func TestShoppersChooseAlike(t *testing.T) {
	sequence := func(seed uint64) []string {
		f := newFakeShop(t)
		s, _ := hasty(f.url, 1)
		s.Seed = seed
		stop := start(t, s)
		testenv.Eventually(t, patience, "200 requests", func() bool {
			f.mu.Lock()
			defer f.mu.Unlock()
			return len(f.sequence) >= 200
		})
		stop()
		f.mu.Lock() // the last request may not have ended at the server
		defer f.mu.Unlock()
		return slices.Clone(f.sequence[:200])
	}
	first := sequence(7)
	if !slices.Equal(first, sequence(7)) {
		t.Error("the same seed makes other choices")
	}
	if slices.Equal(first, sequence(8)) {
		t.Error("another seed makes the same choices")
	}
}

func TestShoppersAnswer(t *testing.T) {
	f := newFakeShop(t)
	asked := map[string]bool{}
	f.meet = func(c *shared.Cart) {
		if c.ID == "" || asked[c.ID] {
			return
		}
		asked[c.ID] = true
		c.Knocks = []shared.Knock{{Staff: "ann", Until: time.Now().Add(time.Hour)}}
		c.Links = []shared.Link{{ID: "L1", Staff: "ann", Path: "/shop/p/iron-teapot", SKU: "TEAPOT-1", State: shared.LinkSent}}
	}
	s, _ := hasty(f.url, 4)
	stop := start(t, s)
	states := func() map[shared.LinkState]int {
		f.mu.Lock()
		defer f.mu.Unlock()
		n := map[shared.LinkState]int{}
		for _, c := range f.carts {
			for _, l := range c.Links {
				n[l.State]++
			}
		}
		return n
	}
	testenv.Eventually(t, patience, "links to be opened and dismissed", func() bool {
		n := states()
		return n[shared.LinkOpened] > 3 && n[shared.LinkDismissed] > 0
	})
	stop()
	if f.count("POST /api/cart/knock") == 0 {
		t.Error("nobody has answered")
	}
}

// TestKnocks: one that was declined or has lapsed is not answered.
func TestKnocks(t *testing.T) {
	for name, knock := range map[string]shared.Knock{
		"declined": {Staff: "ann", Until: time.Now().Add(time.Hour), Declined: true},
		"lapsed":   {Staff: "ann", Until: time.Now().Add(-time.Second)},
	} {
		if pendingKnock(&shared.Cart{Knocks: []shared.Knock{knock}}) != nil {
			t.Errorf("%s: it is answered", name)
		}
	}
}

// TestAttendedStay: whoever is attended doesn't leave, and orders only after a time.
func TestAttendedStay(t *testing.T) {
	for _, test := range []struct {
		name   string
		since  time.Duration
		orders bool
	}{
		{"for a minute", time.Minute, false},
		{"for three minutes", 3 * time.Minute, true},
	} {
		f := newFakeShop(t)
		since := time.Now().Add(-test.since)
		f.meet = func(c *shared.Cart) {
			c.Attendants = []shared.Attendant{{Staff: "bob", Since: since.Add(-time.Hour)}, {Staff: "ann", Since: since}}
		}
		s, _ := hasty(f.url, 4)
		if s.Attended != 2*time.Minute {
			t.Fatalf("attended shoppers wait for %v", s.Attended)
		}
		stop := start(t, s)
		testenv.Eventually(t, patience, "a thousand looks", func() bool { return f.count("GET /api/cart") >= 1000 })
		stop()
		if got := f.count("POST /api/cart/order") > 0; got != test.orders {
			t.Errorf("%s: ordered: %v, want %v", test.name, got, test.orders)
		}
		f.mu.Lock() // the last requests may not have ended at the server
		if !test.orders && f.people > 4 {
			t.Errorf("%s: there were %d people", test.name, f.people)
		}
		f.mu.Unlock()
	}
}

// TestShoppersSurvive errors of the server, which are logged once.
func TestShoppersSurvive(t *testing.T) {
	f := newFakeShop(t)
	s, log := hasty(f.url, 4)
	stop := start(t, s)
	testenv.Eventually(t, patience, "shopping", func() bool { return f.count("PUT /api/cart/lines/{sku}") > 10 })
	if log.count("\n") != 0 {
		t.Errorf("the log has %s", log.text.String())
	}
	f.setFail(503)
	asked := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.sequence)
	}
	before := asked()
	testenv.Eventually(t, patience, "shoppers to try again", func() bool { return asked() > before+20 })
	f.setFail(0)
	testenv.Eventually(t, patience, "shoppers to go on", func() bool { return log.count("simulated shoppers go on") == 1 })
	before = f.count("PUT /api/cart/lines/{sku}")
	testenv.Eventually(t, patience, "shopping again", func() bool { return f.count("PUT /api/cart/lines/{sku}") > before+10 })
	stop()
	if warned := log.count("level=WARN"); warned != 1 || log.count("503") != 1 {
		t.Errorf("there are %d warnings:\n%s", warned, log.text.String())
	}
}

// TestShoppersWithoutServer: nobody answers at all.
func TestShoppersWithoutServer(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	s, log := hasty(gone.URL, 3)
	stop := start(t, s)
	testenv.Eventually(t, patience, "a warning", func() bool { return log.count("level=WARN") > 0 })
	stop()
	if got := log.count("\n"); got != 1 {
		t.Errorf("there are %d lines:\n%s", got, log.text.String())
	}
}

// TestEndedContext lets nobody in, and none is no mistake either.
func TestEndedContext(t *testing.T) {
	f := newFakeShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, n := range []int{0, 5} {
		s, log := hasty(f.url, n)
		s.Run(ctx)
		if got := log.count("\n"); got != 0 || len(f.sequence) != 0 {
			t.Errorf("%d shoppers: %d lines in the log, %q", n, got, f.sequence)
		}
	}
}

// TestPace: twelve shoppers do about two things a second.
func TestPace(t *testing.T) {
	s := NewShoppers("http://127.0.0.1:1", 12, slog.New(slog.DiscardHandler))
	if s.MinThink != 2*time.Second || s.MaxThink != 9*time.Second || s.Seed == NewShoppers("", 1, nil).Seed {
		t.Errorf("got %+v", s)
	}
}
