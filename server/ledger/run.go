package ledger

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Options say how much a run does.
type Options struct {
	// Kills is how often the server is killed, at least. Everything else that can be
	// broken is broken at least once. With 0 nothing is broken, and the run takes as
	// long as Takes.
	Kills int
	Takes time.Duration
	// Patience is how long it is waited at the end for those who listen. Default: a
	// minute.
	Patience time.Duration
	// Forget has those who listen without our client come back without saying how far
	// they had heard.
	Forget bool
	// Progress gets the figures every few seconds. It may be nil.
	Progress func(string)
	// Args are added to the server's command line.
	Args []string
	// NATS has two servers run rather than one, which hear of the log over NATS.
	NATS bool
}

// progressInterval is how often figures are told.
const progressInterval = 5 * time.Second

// Run has writers write and listeners listen, breaks things meanwhile, lets everybody
// come to rest, and compares. It fails the test if that can't be done; what it found is
// for the caller to judge. A database is good for one run.
func Run(t testing.TB, db *Database, o Options) *Report {
	t.Helper()
	r := &run{t: t, db: db, book: new(Book), began: time.Now(), forget: o.Forget}
	r.start(o)
	r.listen()
	r.write()
	r.disturb(o)
	rows := r.rest(cmp.Or(o.Patience, patience))
	return r.report(rows)
}

// run is a run in progress.
type run struct {
	t       testing.TB
	db      *Database
	book    *Book
	began   time.Time
	gateway *Gateway
	clients *testenv.Link
	second  *Gateway      // nil if there is one only
	others  *testenv.Link // the second one's clients
	faults  *faults
	desk    *caller // signed in
	phone   shared.CartView
	forget  bool

	writers, listeners tasks
}

// tasks are goroutines that end together.
type tasks struct {
	running sync.WaitGroup
	ctx     context.Context
	stop    context.CancelFunc
}

func (k *tasks) begin(t testing.TB) {
	k.ctx, k.stop = context.WithCancel(context.Background())
	t.Cleanup(k.end)
}

func (k *tasks) end() {
	k.stop()
	k.running.Wait()
}

const (
	username = "zoe"
	password = "a password for the ledger"
)

// start makes the database ready, starts the server, and signs in.
func (r *run) start(o Options) {
	t := r.t
	r.must(r.db.store.PutProducts(t.Context(), products))
	staff := identity.NewStaff(r.db.store)
	r.must(staff.Add(t.Context(), username, password, []string{shared.RoleEventListener, shared.RoleCartEditor}))
	r.faults = &faults{db: r.db, counts: make(map[string]int)}
	if o.NATS {
		r.faults.nats = newNATS(t)
		o.Args = append(o.Args, "--nats", r.faults.nats.url())
		r.second = NewGateway(t, r.db.Address, o.Args...)
		r.second.WaitReady(t)
		r.others = testenv.NewLink(t, r.second.Address)
		r.faults.gateways, r.faults.clients = []*Gateway{r.second}, []*testenv.Link{r.others}
	}
	r.gateway = NewGateway(t, r.db.Address, o.Args...)
	r.gateway.WaitReady(t)
	r.clients = testenv.NewLink(t, r.gateway.Address)
	r.faults.gateways, r.faults.clients = append(r.faults.gateways, r.gateway), append(r.faults.clients, r.clients)
	r.desk = newCaller(r.gateway.URL())
	r.must(r.desk.call(t.Context(), http.MethodPost, "/api/staff/session", shared.SignIn{Username: username, Password: password}, nil))
	r.must(r.desk.call(t.Context(), http.MethodPost, "/api/carts", shared.StartPhoneOrder{Name: "A caller"}, &r.phone))
	r.writers.begin(t)
	r.listeners.begin(t)
}

func (r *run) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// disturb breaks things until enough of them were.
func (r *run) disturb(o Options) {
	if o.Kills == 0 {
		pause(r.t.Context(), o.Takes)
		return
	}
	var breaking tasks
	breaking.begin(r.t)
	breaking.running.Go(func() { r.faults.kill(breaking.ctx) })
	breaking.running.Go(func() { r.faults.breakAll(breaking.ctx) })
	told := time.Now()
	for {
		pause(r.t.Context(), 50*time.Millisecond)
		counts, rounds, err := r.faults.state()
		if err != nil || r.t.Failed() || counts[killed] >= o.Kills && rounds > 0 {
			break
		}
		if o.Progress != nil && time.Since(told) > progressInterval {
			told = time.Now()
			o.Progress(r.progress(counts))
		}
	}
	breaking.end()
	if r.t.Failed() {
		r.t.FailNow() // somebody is missing; what was heard shows nothing any more
	}
	_, _, err := r.faults.state()
	r.must(err)
}
