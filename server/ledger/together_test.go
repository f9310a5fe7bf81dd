package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// balancer stands before several processes, as a proxy would: each connection goes to the
// next in turn or, if that isn't there, to the one after it. It ends with the test.
type balancer struct {
	listener net.Listener
	targets  []string
	running  sync.WaitGroup

	mu    sync.Mutex
	next  int
	conns map[net.Conn]bool
}

func newBalancer(t *testing.T, targets []string) *balancer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{listener: listener, targets: targets, conns: make(map[net.Conn]bool)}
	b.running.Go(b.accept)
	t.Cleanup(func() {
		_ = listener.Close() // nobody is left whom an error would tell anything
		b.mu.Lock()
		for conn := range b.conns {
			_ = conn.Close()
		}
		b.mu.Unlock()
		b.running.Wait()
	})
	return b
}

func (b *balancer) address() string { return b.listener.Addr().String() }

func (b *balancer) accept() {
	for {
		near, err := b.listener.Accept()
		if err != nil {
			return
		}
		far := b.dial()
		if far == nil {
			_ = near.Close()
			continue
		}
		b.mu.Lock()
		b.conns[near], b.conns[far] = true, true
		b.mu.Unlock()
		b.running.Go(func() { b.carry(near, far) })
		b.running.Go(func() { b.carry(far, near) })
	}
}

func (b *balancer) dial() net.Conn {
	for range b.targets {
		b.mu.Lock()
		target := b.targets[b.next%len(b.targets)]
		b.next++
		b.mu.Unlock()
		if conn, err := net.Dial("tcp", target); err == nil {
			return conn
		}
	}
	return nil
}

// carry copies until either side ends, and ends both.
func (b *balancer) carry(to, from net.Conn) {
	_, _ = io.Copy(to, from) // however it ends, it ends
	b.mu.Lock()
	delete(b.conns, from)
	b.mu.Unlock()
	_, _ = to.Close(), from.Close()
}

// Three processes on one PostgreSQL are one shop to whoever comes through a proxy, and
// still are when one of them is killed: who listened there comes back to another, and
// nobody misses anything.
func TestSeveralProcesses(t *testing.T) {
	dsn := testenv.Postgres(t)
	db := openPostgres(t, dsn+"&application_name=ledger")
	db.Address = dsn
	r := &run{t: t, db: db, book: new(Book), began: time.Now()}
	r.must(db.store.PutProducts(t.Context(), products))
	staff := identity.NewStaff(db.store)
	for _, name := range []string{username, "yan"} {
		r.must(staff.Add(t.Context(), name, password, []string{shared.RoleEventListener, shared.RoleCartEditor}))
	}
	var gateways []*Gateway
	var addresses []string
	for range 3 {
		g := NewGateway(t, dsn)
		gateways, addresses = append(gateways, g), append(addresses, g.Address)
	}
	for _, g := range gateways {
		g.WaitReady(t)
	}
	proxy := newBalancer(t, addresses)
	// Who listens has turns of their own, so that each process gets its share of them.
	r.clients = testenv.NewLink(t, newBalancer(t, addresses).address())
	r.gateway = gateways[1]
	r.desk = newCaller("http://" + proxy.address())
	signIn := func(who *caller, name string) {
		t.Helper()
		r.must(who.call(t.Context(), http.MethodPost, "/api/staff/session", shared.SignIn{Username: name, Password: password}, nil))
	}
	signIn(r.desk, username)
	r.must(r.desk.call(t.Context(), http.MethodPost, "/api/carts", shared.StartPhoneOrder{Name: "A caller"}, &r.phone))
	r.writers.begin(t)
	r.listeners.begin(t)

	const listeners = 9
	watch := shared.Request{Listen: shared.ChannelCartActivity}
	for i := range 4 {
		r.listenTo(fmt.Sprint("client ", i), r.desk, watch, cart.Scope{}, (*listener).runClient)
		r.listenTo(fmt.Sprint("bare ", i), r.desk, watch, cart.Scope{}, (*listener).runBare)
	}
	attended := shared.Request{Listen: shared.ChannelOfCart(r.phone.Cart.ID)}
	r.listenTo("attendant", r.desk, attended, cart.Scope{CartID: r.phone.Cart.ID}, (*listener).runClient)
	for range 4 {
		w := &apiWriter{caller: newCaller(r.desk.url), book: r.book, pause: writePause}
		r.writers.running.Go(func() { w.run(r.writers.ctx) })
	}

	// Each knows of all, and each has some of the listeners.
	for _, g := range gateways {
		status := r.knows(g, 3, listeners)
		if status.Connections == 0 {
			t.Errorf("nobody listens at %s", status.Process)
		}
	}
	written := func(more int) {
		t.Helper()
		before := r.book.Kept()
		testenv.Eventually(t, patience, "changes", func() bool { return t.Failed() || r.book.Kept() >= before+more })
	}
	written(100)
	gateways[0].KillAnd(func() {
		written(100)
		for _, g := range gateways[1:] {
			r.knows(g, 2, listeners)
		}
		r.writers.end()
		r.oneShop(gateways[1:], signIn)
		rows := r.rest(patience)
		if found := Check(rows, r.book); !found.None() {
			t.Errorf("%s", found)
		}
		delivered, reconnected := r.delivered()
		t.Logf("%d changes, %d delivered, %d came back", len(rows), delivered, reconnected)
		if reconnected == 0 {
			t.Error("nobody listened at the process that was killed")
		}
	})
}

// knows waits until a process says that there are so many processes, which serve so many
// listeners together.
func (r *run) knows(g *Gateway, processes, listeners int) (status shared.GatewayStatus) {
	r.t.Helper()
	who := &caller{url: g.URL(), client: r.desk.client, cookie: r.desk.cookies()}
	testenv.Eventually(r.t, patience, fmt.Sprintf("%d listeners of %d processes", listeners, processes), func() bool {
		status = shared.GatewayStatus{}
		r.must(who.call(r.t.Context(), http.MethodGet, "/api/gateway", nil, &status))
		return status.All != nil && status.All.Count == processes && status.All.Connections == listeners
	})
	return status
}

// oneShop looks at what is to be the same at every process.
func (r *run) oneShop(gateways []*Gateway, signIn func(*caller, string)) {
	r.t.Helper()
	ctx := r.t.Context()
	var open int
	conn, err := pgx.Connect(ctx, r.db.Address)
	r.must(err)
	r.must(errors.Join(conn.QueryRow(ctx, `SELECT count(*) FROM cart WHERE status = 'open'`).Scan(&open), conn.Close(ctx)))
	for _, g := range gateways {
		// The desk shows every cart, and who attends one still does, wherever their page
		// has come back to.
		who := &caller{url: g.URL(), client: r.desk.client, cookie: r.desk.cookies()}
		var view shared.CartView
		r.must(who.call(ctx, http.MethodGet, "/api/carts/"+r.phone.Cart.ID, nil, &view))
		if !view.Attached {
			r.t.Errorf("at %s, the cart isn't attended any more", g.Address)
		}
		var list shared.CartList
		r.must(who.call(ctx, http.MethodGet, "/api/carts?all=1&limit=1000", nil, &list))
		if len(list.Carts) != open {
			r.t.Errorf("at %s, the desk shows %d carts of %d", g.Address, len(list.Carts), open)
		}
	}
	// Who signs out at one is out at the other, and their sockets there end.
	yan := newCaller(gateways[0].URL())
	signIn(yan, "yan")
	socket, err := live.Dial(ctx, "ws://"+gateways[1].Address+"/events/io", live.Options{Header: map[string][]string{"Cookie": {yan.cookies()}}})
	r.must(err)
	defer socket.Abandon()
	r.must(yan.call(ctx, http.MethodDelete, "/api/staff/session", nil, nil))
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var closed *live.CloseError
	if _, err := socket.Read(waiting); !errors.As(err, &closed) || closed.Code != shared.CloseSessionEnded {
		r.t.Errorf("after signing out at another process: got %v, want code %d", err, shared.CloseSessionEnded)
	}
	// So many wrong passwords are taken in all, not of each.
	taken := 0
	for i := range 14 {
		guess := newCaller(gateways[i%len(gateways)].URL())
		err := guess.call(ctx, http.MethodPost, "/api/staff/session", shared.SignIn{Username: "yan", Password: "wrong"}, nil)
		if shared.ProblemOf(err).Code == shared.CodeBadCredentials {
			taken++
		}
	}
	if taken != 10 {
		r.t.Errorf("%d wrong passwords were taken, want 10", taken)
	}
}
