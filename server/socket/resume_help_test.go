package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/internal/testenv"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

// troubled is a log that can't be read when a test says so.
type troubled struct {
	cart.Log
	mu    sync.Mutex
	fail  error
	after func() // called before After looks
}

func (l *troubled) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fail
}

func (l *troubled) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *troubled) Contains(ctx context.Context, position cart.Position) (bool, error) {
	if err := l.trouble(); err != nil {
		return false, err
	}
	return l.Log.Contains(ctx, position)
}

func (l *troubled) After(ctx context.Context, after cart.Position, scope cart.Scope, limit int) ([]cart.Entry, error) {
	if err := l.trouble(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	meet := l.after
	l.mu.Unlock()
	if meet != nil {
		meet()
	}
	return l.Log.After(ctx, after, scope, limit)
}

// market is a gateway over a real log, in which a test makes things happen to carts.
type market struct {
	*gateway
	t     testing.TB
	store *sqlite.Store
	log   *troubled // as sessions read it
	carts *cart.Service
	tail  *event.Tail
	// filler makes each event as long, so that few of them fill what is between the two
	// ends of a connection.
	filler string
}

func openMarket(t *testing.T, o gatewayOptions) *market {
	t.Helper()
	store := sqlitetest.Open(t)
	m := &market{t: t, store: store, log: &troubled{Log: store}}
	o.log = m.log
	m.gateway = startEvents(t, o)
	m.tail = event.NewTail(store, &feed.Publisher{Hub: m.hub, Log: m.gateway.log.Logger()}, m.gateway.log.Logger())
	m.carts = cart.NewService(store, store, m.tail.Wake)
	running, stop := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	tasks.Go(func() { m.tail.Run(running) })
	t.Cleanup(func() { stop(); tasks.Wait() })
	<-m.tail.Started()
	return m
}

// change makes n changes of a shopper's cart, after which these staff attend it, and
// returns its ID.
func (m *market) change(shopper string, n int, attended ...string) (id string) {
	m.t.Helper()
	for range n {
		r, err := m.carts.Apply(m.t.Context(), cart.Which{Shopper: shopper, New: m.carts.NewCart(shopper, "")}, shared.Actor{}, func(r *cart.Record) (*cart.Outcome, error) {
			r.Attendants = nil
			for _, name := range attended {
				r.Attendants = append(r.Attendants, shared.Attendant{Staff: name, Since: time.Now(), Consent: shared.ConsentCode})
			}
			return cart.Did(&shared.Activity{Kind: shared.PageViewed, Note: m.filler}, nil)
		})
		if err != nil {
			m.t.Fatal(err)
		}
		id = r.ID
	}
	return id
}

// settle waits until the tail has published all that there is.
func (m *market) settle() {
	m.t.Helper()
	testenv.Eventually(m.t, patience, "the tail", func() bool {
		head, err := m.store.Head(m.t.Context())
		return err == nil && head == m.hub.Head()
	})
}

// head returns the cursor of where the log stands.
func (m *market) head() string {
	m.t.Helper()
	head, err := m.store.Head(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return head.Cursor()
}

// cursors returns those of what comes after one, in a scope.
func (m *market) cursors(after string, scope cart.Scope) (all []string) {
	m.t.Helper()
	position, err := cart.ParseCursor(after)
	if err != nil {
		m.t.Fatal(err)
	}
	entries, err := m.store.After(m.t.Context(), position, scope, 100_000)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Position.Cursor())
	}
	return all
}

// resume listens after a cursor, and wants it to be recovered.
func (c *client) resume(channel, after string) {
	c.t.Helper()
	answer := c.listenWith(shared.Request{Listen: channel, After: after})
	if answer.Recovered == nil || !*answer.Recovered || answer.Cursor != after {
		c.t.Fatalf("got %+v, want to be where it was", answer)
	}
}

// wantCursors takes as many messages, which must be the channel's events with these
// cursors, and of this cart if it isn't "".
func (c *client) wantCursors(channel, cartID string, want []string) {
	c.t.Helper()
	var got []string
	for range want {
		message := c.next()
		if message.Kind != channel {
			c.t.Fatalf("got %s %s after %d, want %s", message.Kind, message.Payload, len(got), channel)
		}
		if id := cartOf(message); cartID != "" && id != cartID {
			c.t.Fatalf("got cart %s, want %s", id, cartID)
		}
		got = append(got, message.Meta.Cursor)
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("got %q, want %q", got, want)
	}
}

// cartOf returns which cart an event is about, in whichever form.
func cartOf(message shared.Message) string {
	var of struct {
		CartID   string          `json:"cart_id"`
		Activity shared.Activity `json:"activity"`
	}
	if err := json.Unmarshal(message.Payload, &of); err != nil {
		return fmt.Sprint(err)
	}
	return of.CartID + of.Activity.CartID
}
