package socket

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// gateway is an Events that listens, with users that the test makes up.
type gateway struct {
	*Events
	hub    *event.Hub
	server *httptest.Server
	log    *testenv.Log

	mu       sync.Mutex
	users    map[string]identity.Session
	shoppers map[string]identity.Shopper
	attends  map[string]string   // by username, the ID of a cart
	lookUp   error               // what looking anyone up fails with
	noShops  error               // what looking a shopper up fails with
	lookups  int                 // by Revalidate
	onAuthed func(*http.Request) // called between authentication and upgrade
}

// gatewayOptions say what is peculiar to a test's gateway.
type gatewayOptions struct {
	source        event.Source // default: event.NoSource
	allowNoOrigin bool
	queueLimit    int
	limits        Limits
	drain         time.Duration
	log           cart.Log // default: none, which is never asked
	listener      func(net.Listener) net.Listener
}

var errDatabase = errors.New("the database is away")

// beginning is that of a log in which nothing is.
var beginning = cart.Position{Epoch: "e"}

// neverAsked is a log that is there, and that no test without one of its own asks.
type neverAsked struct{ cart.Log }

// startEvents starts a gateway on which ann and bob may listen, and carl may not.
// It is shut down with the test, and must have let go of everything by then.
func startEvents(t testing.TB, o gatewayOptions) *gateway {
	t.Helper()
	if o.source == nil {
		o.source = event.NoSource{}
	}
	if o.log == nil {
		o.log = neverAsked{}
	}
	g := &gateway{log: testenv.NewLog(), users: map[string]identity.Session{}, shoppers: map[string]identity.Shopper{}, attends: map[string]string{}}
	for _, name := range []string{"sue", "tom"} {
		g.shoppers[name] = identity.Shopper{Hash: []byte("cookie of " + name), ID: name, ExpiresAt: time.Now().Add(time.Hour)}
	}
	for _, name := range []string{"ann", "bob"} {
		g.users[name] = identity.Session{Hash: []byte(name), Username: name, Roles: []string{shared.RoleEventListener}, ExpiresAt: time.Now().Add(time.Hour)}
	}
	g.users["carl"] = identity.Session{Hash: []byte("carl"), Username: "carl", Roles: []string{shared.RoleAdmin}, ExpiresAt: time.Now().Add(time.Hour)}
	var err error
	g.hub, err = event.NewHub([]string{shared.ChannelCartActivity, "news"}, []string{shared.ChannelGateway}, o.source, g.log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	g.hub.Reset(beginning)
	origins, err := NewOrigins("", []string{"https://shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	g.Events = NewEvents(EventsConfig{
		Hub:          g.hub,
		Authenticate: g.authenticate,
		Revalidate:   g.revalidate,
		Shopper:      g.shopper,
		Attends:      g.attending,
		Feeds:        Feeds{Watchers: feed.Watchers(), OfCart: feed.OfCart, OfShopper: feed.OfShopper},
		Activities:   o.log,

		RevalidateShopper: g.revalidateShopper,
		Origins:           origins,
		AllowNoOrigin:     o.allowNoOrigin,
		QueueLimit:        o.queueLimit,
		Gate:              NewGate(o.limits, nil, g.log.Logger()),
		Drain:             o.drain,
		Log:               g.log.Logger(),
	})
	g.server = httptest.NewUnstartedServer(g.Events)
	if o.listener != nil {
		g.server.Listener = o.listener(g.server.Listener)
	}
	g.server.Start()
	t.Cleanup(func() {
		g.shutdown(t)
		g.server.Close()
		g.wantNothing(t)
	})
	return g
}

func (g *gateway) shutdown(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := g.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// wantNothing fails the test if a session is left anywhere.
func (g *gateway) wantNothing(t testing.TB) {
	t.Helper()
	sessions, _ := g.Sessions()
	if count := g.Count(); count != 0 || sessions != 0 {
		t.Errorf("got %d connections, %d sessions, want none", count, sessions)
	}
	for _, channel := range []string{shared.ChannelCartActivity, "news", shared.ChannelGateway} {
		if got := g.hub.Listeners(channel); got != 0 {
			t.Errorf("%s: got %d listeners, want none", channel, got)
		}
	}
	g.config.Gate.wantEmpty(t)
}

// authenticate takes the user from a header, in a cookie's place.
func (g *gateway) authenticate(r *http.Request) (identity.Session, error) {
	who, err := g.find(r.Header.Get("X-User"))
	if f := g.onAuthed; f != nil && err == nil {
		f(r)
	}
	return who, err
}

// shopper takes the shopper from another header.
func (g *gateway) shopper(r *http.Request) (identity.Shopper, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := r.Header.Get("X-Shopper")
	if name == "" {
		return identity.Shopper{}, false, nil
	}
	shopper, known := g.shoppers[name]
	return shopper, known, errors.Join(g.lookUp, g.noShops)
}

func (g *gateway) revalidateShopper(_ context.Context, hash []byte) (identity.Shopper, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, shopper := range g.shoppers {
		if string(shopper.Hash) == string(hash) {
			return shopper, true, g.lookUp
		}
	}
	return identity.Shopper{}, false, g.lookUp
}

func (g *gateway) attending(_ context.Context, username, cartID string) (bool, int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.attends[username] == cartID, 0, g.lookUp
}

func (g *gateway) revalidate(_ context.Context, session identity.Session) (identity.Session, error) {
	g.mu.Lock()
	g.lookups++
	g.mu.Unlock()
	return g.find(string(session.Hash))
}

func (g *gateway) find(name string) (identity.Session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who, known := g.users[name]
	switch {
	case g.lookUp != nil:
		return identity.Session{}, g.lookUp
	case !known:
		return identity.Session{}, &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	}
	return who, nil
}

// with changes what is known of users.
func (g *gateway) with(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

// header is that of a page of ours that a user has opened.
func (g *gateway) header(user string) http.Header {
	return http.Header{"Origin": {g.server.URL}, "X-User": {user}}
}

// client is a connected client that fails the test when something is not as it
// should be.
type client struct {
	*live.Conn
	t   testing.TB
	ctx context.Context
}

// connect connects a client that is abandoned when the test ends.
func (g *gateway) connect(t testing.TB, user string) *client {
	t.Helper()
	c, err := g.dial(t, user)
	if err != nil {
		t.Fatalf("connecting %s: %v", user, err)
	}
	return c
}

func (g *gateway) dial(t testing.TB, user string) (*client, error) {
	return g.dialWith(t, g.header(user))
}

// shop connects a shopper, who may be one of the staff besides.
func (g *gateway) shop(t testing.TB, shopper, user string) *client {
	t.Helper()
	header := g.header(user)
	header.Set("X-Shopper", shopper)
	c, err := g.dialWith(t, header)
	if err != nil {
		t.Fatalf("connecting %s: %v", shopper, err)
	}
	return c
}

func (g *gateway) dialWith(t testing.TB, header http.Header) (*client, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	conn, err := live.Dial(ctx, g.server.URL, live.Options{Header: header})
	if err != nil {
		return nil, err
	}
	t.Cleanup(conn.Abandon)
	return &client{conn, t, ctx}, nil
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.WriteText(c.ctx, text); err != nil {
		c.t.Fatalf("sending %s: %v", text, err)
	}
}

// next returns the next message.
func (c *client) next() shared.Message {
	c.t.Helper()
	received, err := c.Read(c.ctx)
	if err != nil {
		c.t.Fatalf("waiting for a message: %v", err)
	}
	message, err := shared.ParseMessage(received.Data)
	if err != nil || received.Binary {
		c.t.Fatalf("got %q, binary: %t: %v", received.Data, received.Binary, err)
	}
	return message
}

// want takes the next message, which must be this text.
func (c *client) want(text string) {
	c.t.Helper()
	received, err := c.Read(c.ctx)
	if err != nil {
		c.t.Fatalf("waiting for %s: %v", text, err)
	}
	if got := string(received.Data); got != text {
		c.t.Fatalf("got %s, want %s", got, text)
	}
}

// wantError takes the next message, which must be an error with this code.
func (c *client) wantError(code shared.Code) {
	c.t.Helper()
	message := c.next()
	var problem shared.Problem
	if err := message.Into(&problem); err != nil || message.Kind != shared.KindError || problem.Code != code || problem.Detail == "" {
		c.t.Errorf("got %s %s, want an error with code %s", message.Kind, message.Payload, code)
	}
}

// listen listens to a channel, and takes the answer.
func (c *client) listen(channel string) {
	c.t.Helper()
	c.listenWith(shared.Request{Listen: channel})
}

// listenWith listens to a channel in some manner, and returns the answer.
func (c *client) listenWith(request shared.Request) (answer shared.Listening) {
	c.t.Helper()
	text, err := request.Text()
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(text)
	message := c.next()
	if err := message.Into(&answer); err != nil || message.Kind != shared.KindListening || answer.Channel != request.Listen {
		c.t.Fatalf("got %s %s, want that %s is listened to", message.Kind, message.Payload, request.Listen)
	}
	return answer
}

// wantClose takes what is left of messages, until the connection ends with this
// code.
func (c *client) wantClose(code int) {
	c.t.Helper()
	var err error
	for err == nil {
		_, err = c.Read(c.ctx)
	}
	var closed *live.CloseError
	if !errors.As(err, &closed) || closed.Code != code {
		c.t.Errorf("got %v, want close code %d", err, code)
	}
}
