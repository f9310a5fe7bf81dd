package ledger

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/shared"
	"cartline/shared/live"
)

// Crowd is many who listen to every activity of one server, and read at once what
// comes. Its methods are for one goroutine.
type Crowd struct {
	t       testing.TB
	gateway *Gateway
	desk    *caller // signed in
	shopper *caller
	cart    shared.Cart
	readers int
	reading tasks

	mu      sync.Mutex
	text    []byte // the event that is on its way, as it came to the first
	at      time.Time
	waiting int           // how many have yet to get it
	all     chan struct{} // closed when that is nobody
	delays  []time.Duration
	told    int // events so far
}

// NewCrowd starts a server on SQLite and connects to it. It ends with the test.
func NewCrowd(t testing.TB, readers int) *Crowd {
	t.Helper()
	db := SQLite(t)
	c := &Crowd{t: t, readers: readers}
	c.must(db.store.PutProducts(t.Context(), many()))
	c.must(identity.NewStaff(db.store).Add(t.Context(), username, password, []string{shared.RoleEventListener}))
	most := strconv.Itoa(2 * readers)
	c.gateway = NewGateway(t, db.Address, "--max-connections", most, "--max-connections-per-address", most,
		"--max-connections-per-user", most, "--handshake-rate", most)
	c.gateway.WaitReady(t)
	c.desk, c.shopper = newCaller(c.gateway.URL()), newCaller(c.gateway.URL())
	c.must(c.desk.call(t.Context(), http.MethodPost, "/api/staff/session", shared.SignIn{Username: username, Password: password}, nil))
	for _, thing := range many() {
		c.must(c.change(thing.SKU, 1))
	}
	c.reading.begin(t)
	for range readers {
		conn := c.connect(c.desk.cookies(), shared.ChannelCartActivity)
		c.must(c.begins(conn))
		c.reading.running.Go(func() { c.read(conn) })
	}
	return c
}

func (c *Crowd) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// many are as many products as fit into a cart. So all are told small events, of what
// has changed in it, and its shopper is told large ones, of all that is in it.
func many() []shared.Product {
	var all []shared.Product
	for i := range shared.MaxLines {
		all = append(all, product(fmt.Sprint("THING-", i), 100))
	}
	return all
}

// change sets the quantity of what is in the cart, or goes into it.
func (c *Crowd) change(sku string, quantity int) error {
	want := shared.SetLine{Quantity: quantity, Version: lineVersion(&c.cart, sku)}
	return c.shopper.call(c.t.Context(), http.MethodPut, "/api/cart/lines/"+sku, want, &c.cart)
}

// connect opens a connection that listens to channels.
func (c *Crowd) connect(cookies string, channels ...string) *live.Conn {
	c.t.Helper()
	url := "ws://" + c.gateway.Address + "/events/io"
	conn, err := live.Dial(c.t.Context(), url, live.Options{Header: map[string][]string{"Cookie": {cookies}}})
	c.must(err)
	for _, channel := range channels {
		c.must(send(c.t.Context(), conn, shared.Request{Listen: channel}))
	}
	return conn
}

// begins takes the answer to listen.
func (c *Crowd) begins(conn *live.Conn) error {
	received, err := conn.Read(c.t.Context())
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(received.Data, []byte(`["`+shared.KindListening)) {
		return fmt.Errorf("got %s, want the answer to listen", received.Data)
	}
	return nil
}

// read reads for one reader until the end of the test.
func (c *Crowd) read(conn *live.Conn) {
	defer conn.Abandon()
	for {
		received, err := conn.Read(c.reading.ctx)
		if c.reading.ctx.Err() != nil {
			return
		}
		if err == nil {
			err = c.arrived(received.Data)
		}
		if err != nil {
			c.t.Errorf("one who reads at once: %v", err)
			return
		}
	}
}

// arrived notes that somebody got a text, which has to be the one that is on its way.
func (c *Crowd) arrived(text []byte) error {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.text == nil {
		message, err := shared.ParseMessage(text)
		if err != nil || message.Meta == nil {
			return fmt.Errorf("not an event: %.100s: %w", text, err)
		}
		c.text, c.at = text, message.Meta.At
	}
	if c.waiting == 0 || !bytes.Equal(c.text, text) {
		return fmt.Errorf("got %.200s…, want what the others got, once: %.200s…", text, c.text)
	}
	c.delays = append(c.delays, now.Sub(c.at))
	if c.waiting--; c.waiting == 0 {
		close(c.all)
	}
	return nil
}

// Tell changes the cart that many times, each time when everybody has got the last, and
// returns how long after its commit each event came to each reader. That somebody
// doesn't get one, or gets it twice or out of order, fails the test.
func (c *Crowd) Tell(events int) []time.Duration {
	c.t.Helper()
	c.delays = nil
	for range events {
		all := make(chan struct{})
		c.mu.Lock()
		c.text, c.waiting, c.all = nil, c.readers, all
		c.mu.Unlock()
		c.told++
		c.must(c.change("THING-0", 1+c.told%shared.MaxQuantity))
		select {
		case <-all:
		case <-time.After(patience):
			c.t.Fatalf("%d readers didn't get event %d", c.waiting, c.told)
		}
	}
	return c.delays
}

// Status returns what the server tells of itself.
func (c *Crowd) Status() (status shared.GatewayStatus) {
	c.t.Helper()
	c.must(c.desk.call(c.t.Context(), http.MethodGet, "/api/gateway", nil, &status))
	return status
}

// Stalled is somebody who listens like the crowd, and to the shopper's cart too, but
// doesn't read.
type Stalled struct {
	crowd *Crowd
	conn  *live.Conn
}

// Stall adds one to the crowd's server.
func (c *Crowd) Stall() *Stalled {
	conn := c.connect(c.desk.cookies()+"; "+c.shopper.cookies(), shared.ChannelCartActivity, shared.ChannelMyCart)
	c.t.Cleanup(conn.Abandon)
	return &Stalled{crowd: c, conn: conn}
}

// Wake has them read what there is for them, until the end. It returns how many bytes
// that were, and how the connection ended.
func (s *Stalled) Wake() (size int, end error) {
	s.crowd.t.Helper()
	ctx, cancel := context.WithTimeout(s.crowd.t.Context(), patience)
	defer cancel()
	for {
		received, err := s.conn.Read(ctx)
		if err != nil {
			return size, err
		}
		size += len(received.Data)
	}
}
