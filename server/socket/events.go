package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// DefaultQueueLimit is the size in bytes of a session's queue when
// EventsConfig.QueueLimit is zero: some thousand events, which are kept once for all
// clients. Who gets ten thousand a second may pause for a quarter of a second.
const DefaultQueueLimit = 512 << 10

// admitTimeout bounds how long a handshake waits to learn who someone is.
const admitTimeout = 10 * time.Second

// cantMonitor is the answer to those who may not listen.
const cantMonitor = "Can't monitor events"

// EventsConfig configures NewEvents. Hub, Authenticate and Origins are required.
type EventsConfig struct {
	Hub *event.Hub

	// Authenticate tells which of the staff a request is from, or returns a
	// *shared.Problem.
	Authenticate func(*http.Request) (identity.Session, error)

	// Revalidate looks a session up again; its error is a *shared.Problem if the
	// session has ended.
	Revalidate func(ctx context.Context, session identity.Session) (identity.Session, error)

	// Grace is how long the sockets of staff stay open after Revalidate last found
	// their session standing, while it can't be asked; see EndUnconfirmed.
	//
	// Default: as long as the session. Danger: meanwhile they hear events that they
	// may have lost the right to.
	Grace time.Duration

	// Shopper tells which shopper a request is from, if it is from one.
	//
	// Default: none is known, so only staff connect.
	Shopper func(*http.Request) (identity.Shopper, bool, error)

	// RevalidateShopper looks a shopper's session up again by its hash, and tells
	// whether it still stands. It is required with Shopper.
	RevalidateShopper func(ctx context.Context, hash []byte) (identity.Shopper, bool, error)

	// Attends says whether one of the staff attends a cart, and which version of it
	// says so.
	//
	// Default: nobody attends any.
	Attends func(ctx context.Context, username, cartID string) (attends bool, version int64, err error)

	// Feeds are what the audiences of the log are told, and Activities is the log.
	Feeds      Feeds
	Activities cart.Log

	// Origins decides which pages may connect.
	Origins *Origins

	// AllowNoOrigin lets in requests without an Origin, which programs send.
	//
	// Default: they are refused. Danger: little; a browser always sends one. But
	// whatever strips the header on its way to us would open the door to every
	// page.
	AllowNoOrigin bool

	// QueueLimit is how many bytes may wait for a client that is slower than the
	// events. Beyond that it is closed with shared.CloseSlow.
	//
	// Default: DefaultQueueLimit. Danger: each slow client can make the server
	// hold this much.
	QueueLimit int

	// Gate bounds connections, and messages of each. Default: nothing does.
	//
	// Danger: without it one client can take what all others need.
	Gate *Gate

	// Witness keeps what handshakes looked like for those who ask for that. Default:
	// nothing is kept.
	Witness *Witness

	// Heartbeat is the time between two looks for clients that are gone without a
	// word; see RunHeartbeat. Default: DefaultHeartbeat.
	Heartbeat time.Duration

	// Drain is how long Shutdown takes to tell all clients to go, if there are many.
	// Default: they are told at once.
	//
	// Danger: then they all come back at once.
	Drain time.Duration

	// Written hears of each activity of the log that was written to a client as it
	// happened, at least once. It must be quick. Default: nobody does.
	Written func(position cart.Position, at time.Time)

	// Log gets connects, refusals, exceptions and disconnects. Default:
	// slog.Default.
	Log *slog.Logger
}

// Events is the WebSocket endpoint over which staff listen to channels, and shoppers
// to their own cart. Each connection is a session with a name, USERNAME-N, or
// shopper-N where only a shopper is known.
//
// Each session has one goroutine that reads. A few others write for all sessions, for as
// long as there is something to write. Events owns them all; see Shutdown.
type Events struct {
	config  EventsConfig
	conns   registry
	writers *writers
	// running ends when Shutdown has told all clients to go.
	running context.Context
	stop    context.CancelFunc
	// changed is told of each change of what RunStatus tells.
	changed chan struct{}

	mu       sync.Mutex
	sessions map[*session]struct{}
	expires  time.Time      // not after the first of them does; zero: none does
	numbers  map[string]int // by username: the number of its last session
	rechecks int            // how many times rights were taken away, or may have been

	traffic traffic
	gone    gone
}

// NewEvents returns an Events without connections.
func NewEvents(config EventsConfig) *Events {
	if config.QueueLimit == 0 {
		config.QueueLimit = DefaultQueueLimit
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Gate == nil {
		config.Gate = NewGate(Limits{}, nil, config.Log)
	}
	if config.Heartbeat == 0 {
		config.Heartbeat = DefaultHeartbeat
	}
	running, stop := context.WithCancel(context.Background())
	if config.Shopper == nil {
		config.Shopper = func(*http.Request) (identity.Shopper, bool, error) { return identity.Shopper{}, false, nil }
	}
	if config.Attends == nil {
		config.Attends = func(context.Context, string, string) (bool, int64, error) { return false, 0, nil }
	}
	writers := newWriters()
	for _, one := range writers.all {
		one.load.traced = config.Written != nil
	}
	config.Hub.Gather(writers)
	return &Events{
		config:   config,
		writers:  writers,
		running:  running,
		stop:     stop,
		changed:  make(chan struct{}, 1),
		sessions: make(map[*session]struct{}),
		numbers:  make(map[string]int),
	}
}

// Visitor is who a connection is from: one of the staff who may listen, a shopper,
// or both, as one browser may carry both sessions. The zero value of either is
// nobody.
type Visitor struct {
	Staff   identity.Session
	Shopper identity.Shopper
	// Unsure: one of the staff, who may be a shopper as well, which couldn't be found out.
	Unsure bool
}

func (v Visitor) isStaff() bool   { return v.Staff.Username != "" }
func (v Visitor) isShopper() bool { return v.Shopper.ID != "" }

// name is what the visitor's sessions are called. A shopper stays anonymous.
func (v Visitor) name() string {
	if v.isStaff() {
		return v.Staff.Username
	}
	return "shopper"
}

// user names who the gate counts the visitor's connections for.
func (v Visitor) user() string {
	if v.isStaff() {
		return "staff/" + v.Staff.Username
	}
	return "shopper/" + v.Shopper.ID
}

// expires tells when the time of the first of the visitor's sessions is up.
func (v Visitor) expires() time.Time {
	staff, shopper := v.Staff.ExpiresAt, v.Shopper.ExpiresAt
	if v.isStaff() && (!v.isShopper() || staff.Before(shopper)) {
		return staff
	}
	return shopper
}

// checkOrigin says why the page that asks may not connect, as a *shared.Problem.
func (e *Events) checkOrigin(r *http.Request) error {
	if e.config.AllowNoOrigin {
		return e.config.Origins.Check(r)
	}
	return e.config.Origins.CheckPresent(r)
}

// MayEnter says why a handshake would be refused, as a *shared.Problem. It doesn't look
// at the origin.
func (e *Events) MayEnter(r *http.Request) error {
	who, err := e.admit(r)
	if err != nil {
		return err
	}
	return mayEnter(r, e.config.Gate, &e.conns, who.user())
}

// Closing says whether the endpoint shuts down, and lets nobody in any more.
func (e *Events) Closing() bool { return e.conns.closed() }

// admit tells who asks to listen, or why they can't, as a *shared.Problem. The
// visitor says who they are also in the latter case, where that is known.
func (e *Events) admit(r *http.Request) (Visitor, error) {
	staff, err := e.config.Authenticate(r)
	if err == nil {
		err = mayListen(staff)
	}
	var problem *shared.Problem
	if err != nil && !errors.As(err, &problem) {
		return Visitor{}, err
	}
	shopper, known, failed := e.config.Shopper(r)
	switch {
	case failed != nil && err == nil:
		// Shoppers' sessions may be kept elsewhere, and staff work on without.
		e.config.Log.Warn("whether one of the staff is a shopper as well can't be found out", "user", staff.Username, "error", failed)
		return Visitor{Staff: staff, Unsure: true}, nil
	case failed != nil:
		return Visitor{}, failed
	case err == nil && known:
		return Visitor{Staff: staff, Shopper: shopper}, nil
	case known:
		return Visitor{Shopper: shopper}, nil
	}
	return Visitor{Staff: staff}, err
}

func mayListen(who identity.Session) error {
	if who.Has(shared.RoleEventListener) {
		return nil
	}
	return &shared.Problem{
		Code:   shared.CodeForbidden,
		Detail: "Your account doesn't have the role " + shared.RoleEventListener + ", which watching carts needs.",
	}
}

// ServeHTTP upgrades r and returns; the session lives on.
func (e *Events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !wantsWebSocket(r) {
		refuse(w, http.StatusBadRequest, expectedWebSocket)
		return
	}
	w, seen := e.config.Witness.look(w, r)
	defer seen.keep()
	err := e.checkOrigin(r)
	seen.origin(r, err)
	if err != nil {
		e.turnAway(w, r, Visitor{}, err)
		return
	}
	pass, ok := enter(w, r, e.config.Gate, &e.conns)
	if !ok {
		return
	}
	lives := false
	defer func() { // also after a panic
		if !lives {
			pass.leave()
		}
	}()
	lives = e.upgrade(w, r, pass)
}

// upgrade answers the handshake of someone for whom there is room, and tells whether
// the session lives, and with it the pass.
func (e *Events) upgrade(w http.ResponseWriter, r *http.Request, pass *pass) bool {
	rechecks := e.rechecksSoFar()
	ctx, cancel := context.WithTimeout(r.Context(), admitTimeout)
	who, err := e.admit(r.WithContext(ctx))
	cancel()
	e.traffic.noteAdmission(err)
	if err != nil {
		e.turnAway(w, r, who, err)
		return false
	}
	sighted(w).user(who.name())
	if refused := pass.of(who.user(), time.Now()); refused != nil {
		refused.turnAway(w, r)
		return false
	}
	if !e.conns.reserve() {
		refuseShutdown(w, r)
		return false
	}
	name := e.nextName(who.name())
	conn, err := wire.Accept(w, r, wire.Options{MaxMessage: shared.MaxRequest})
	if err != nil {
		e.conns.release()
		e.config.Log.Warn("events rejected", "request", httplog.RequestID(r), "session", name, "remote", httplog.RemoteHost(r), "error", err)
		return false
	}
	s := newSession(e, conn, pass, who, name)
	s.request = httplog.RequestID(r)
	missed := e.open(s, rechecks)
	go s.serve(missed)
	return true
}

// turnAway answers a handshake before the upgrade.
func (e *Events) turnAway(w http.ResponseWriter, r *http.Request, who Visitor, err error) {
	problem := shared.ProblemOf(err)
	log := e.config.Log.With("request", httplog.RequestID(r), "user", who.Staff.Username, "remote", httplog.RemoteHost(r), "origin", r.Header.Get("Origin"), "code", problem.Code)
	switch problem.Code {
	case shared.CodeUnauthorized, shared.CodeForbidden:
		log.Warn("events rejected")
		refuse(w, http.StatusForbidden, cantMonitor)
	case shared.CodeCrossOrigin:
		log.Warn("events rejected")
		refuse(w, http.StatusForbidden, problem.Detail)
	default:
		log.Error("events rejected", "error", err)
		refuse(w, http.StatusServiceUnavailable, "Who you are can't be found out at the moment")
	}
}

// nextName names a session of a user, for the log and for people.
func (e *Events) nextName(username string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.numbers[username]++
	return fmt.Sprintf("%s-%d", username, e.numbers[username])
}

func (e *Events) rechecksSoFar() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rechecks
}

// open registers a session, and tells whether a Recheck, or an EndShopper, may have
// missed it: one that has begun since its user was looked up, and before this.
func (e *Events) open(s *session, rechecks int) (missed bool) {
	e.mu.Lock()
	missed = e.rechecks != rechecks
	e.sessions[s] = struct{}{}
	e.expireBy(s.expires())
	e.mu.Unlock()
	e.Note()
	return missed
}

func (e *Events) forget(s *session) {
	e.mu.Lock()
	delete(e.sessions, s)
	e.mu.Unlock()
	e.Note()
}

// Note says that what RunStatus tells has changed. It never blocks.
func (e *Events) Note() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// Sessions returns how many sessions there are, and the oldest of them, up to
// shared.MaxListedSessions.
func (e *Events) Sessions() (count int, listed []shared.SocketSession) {
	open := e.all()
	slices.SortFunc(open, func(a, b *session) int { return a.since.Compare(b.since) })
	listed = make([]shared.SocketSession, 0, min(len(open), shared.MaxListedSessions))
	for _, s := range open[:min(len(open), shared.MaxListedSessions)] {
		listed = append(listed, s.describe())
	}
	return len(open), listed
}

func (e *Events) all() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.allLocked()
}

func (e *Events) allLocked() []*session {
	open := make([]*session, 0, len(e.sessions))
	for s := range e.sessions {
		open = append(open, s)
	}
	return open
}

// Count returns the number of open connections.
func (e *Events) Count() int { return e.conns.count() }

// Attending is one of the staff who has the channel of a cart open.
type Attending struct{ CartID, Staff string }

// Attending lists who has the channel of which cart open.
func (e *Events) Attending() []Attending {
	var attending []Attending
	for _, s := range e.all() {
		for _, channel := range s.channels() {
			if id, ok := shared.CartOfChannel(channel); ok {
				attending = append(attending, Attending{CartID: id, Staff: s.who.Staff.Username})
			}
		}
	}
	return attending
}

// RunHeartbeat finds clients that are gone without a word, until ctx ends.
func (e *Events) RunHeartbeat(ctx context.Context) { e.conns.runSweeps(ctx, e.config.Heartbeat) }

// Shutdown refuses new connections and ends the open ones with wire.GoingAway, spread
// over EventsConfig.Drain, each after what is queued for it. It waits until all have
// ended. When ctx ends before, the rest is cut, and ctx's error returned.
func (e *Events) Shutdown(ctx context.Context) error {
	e.conns.drain(ctx, e.config.Drain)
	e.stop()
	defer e.writers.stop()
	return e.conns.wait(ctx)
}
