package socket

import (
	"log/slog"
	"maps"
	"sync"
	"time"

	"cartline/server/throttle"
	"cartline/shared"
)

// Limits bound what clients may take of a server. Each may be zero, which means that
// there is no such limit; the defaults are those of the program's flags.
type Limits struct {
	// Connections is how many there may be in all, over all endpoints.
	//
	// Danger: without it, whoever opens enough of them uses up memory, about 6 KiB
	// each, and the files that the process may open.
	Connections int

	// PerAddress is how many there may be from one network address. Of IPv6, one
	// address is a network of 64 bits, which is what one household has.
	//
	// Danger: without it, one machine can take all Connections. Behind a proxy that isn't
	// trusted, all clients have its address, so there it bounds all of them together.
	PerAddress int

	// PerUser is how many there may be of one member of the staff, or one shopper.
	//
	// Danger: without it, a program that connects over and over with somebody's
	// session takes what others need.
	PerUser int

	// Handshakes is how many are answered in a second, and twice as many after a
	// pause. One address gets a quarter of that, where there is a limit PerAddress, so
	// that one machine that does nothing but connect keeps nobody else out.
	//
	// Danger: without it, all clients come back at the same moment after a restart,
	// and each has the database asked who it is.
	Handshakes int

	// Messages is how many are taken of one client of the events in a second, and
	// twice as many after a pause.
	//
	// Danger: without it, one client can have the database asked without a pause.
	Messages int

	// Faults is how many connections to the echo may have faults; see [Echo]. One address
	// gets a quarter of that, where there is a limit PerAddress.
	//
	// Danger: each can hold some messages of the largest size, for as long as it lasts,
	// and have a thousand times sent what it sends.
	Faults int
}

// Gate keeps the limits of the endpoints together, and counts what is turned away. It
// is safe for concurrent use.
type Gate struct {
	limits  Limits
	changed func()
	logger  *slog.Logger

	mu         sync.Mutex
	open       int
	faulty     int            // of those
	faultyOf   map[string]int // by address
	addresses  map[string]int
	users      map[string]int
	handshakes bucket
	paces      map[string]bucket // of the addresses that connected lately
	swept      time.Time         // when others were last taken out of paces
	refused    map[shared.Limit]int64
	logged     map[shared.Limit]time.Time
}

// NewGate makes a gate with nobody inside. Changed, which may be nil, is called when
// something was turned away; it must be quick.
func NewGate(limits Limits, changed func(), logger *slog.Logger) *Gate {
	if changed == nil {
		changed = func() {}
	}
	g := &Gate{
		limits:     limits,
		changed:    changed,
		logger:     logger,
		faultyOf:   make(map[string]int),
		addresses:  make(map[string]int),
		users:      make(map[string]int),
		handshakes: bucket{rate: float64(limits.Handshakes)},
		paces:      make(map[string]bucket),
		refused:    make(map[shared.Limit]int64),
		logged:     make(map[shared.Limit]time.Time),
	}
	for _, limit := range []shared.Limit{
		shared.LimitConnections, shared.LimitAddress, shared.LimitUser, shared.LimitHandshakes,
		shared.LimitMessages, shared.LimitSize, shared.LimitQueue, shared.LimitFaults,
	} {
		g.refused[limit] = 0
	}
	return g
}

// Refused returns how much was turned away since the start, by each limit.
func (g *Gate) Refused() map[shared.Limit]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.refused)
}

// pass is the room that one connection takes. It is guarded by the gate's lock.
type pass struct {
	gate    *Gate
	remote  string // the client's address, as the log of requests has it
	address string // what of it counts as one client's
	user    string // "" until it is known
	faulty  bool   // takes room among those with faults as well
	left    bool
}

// enter takes room for a connection from an address, or tells why there is none. The
// pass must be given back with leave.
func (g *Gate) enter(remoteHost string, now time.Time) (*pass, *refusal) {
	address := throttle.Network(remoteHost)
	g.mu.Lock()
	limit, refused := g.full(address)
	if !refused && !g.mayConnect(address, now) {
		limit, refused = shared.LimitHandshakes, true
	}
	if !refused {
		g.open++
		g.addresses[address]++
	}
	g.mu.Unlock()
	if refused {
		return nil, g.refuse(limit, now)
	}
	return &pass{gate: g, remote: remoteHost, address: address}, nil
}

// full says which limit another connection from an address would break, if any.
func (g *Gate) full(address string) (limit shared.Limit, full bool) {
	switch {
	case reached(g.addresses[address], g.limits.PerAddress):
		return shared.LimitAddress, true
	case reached(g.open, g.limits.Connections):
		return shared.LimitConnections, true
	}
	return "", false
}

// share is the part of the handshakes, and of the connections with faults, that one
// address may take.
const share = 4

// mayConnect tells whether another handshake from an address may be answered now, and
// counts it if so.
func (g *Gate) mayConnect(address string, now time.Time) bool {
	g.forgetPaces(now)
	own := g.paceOf(address)
	// What has its share used up takes nothing of the others'.
	if !own.take(now) || !g.handshakes.take(now) {
		return false
	}
	if own.rate > 0 {
		g.paces[address] = own
	}
	return true
}

// paceOf returns how fast an address has connected, for a limit of that if there is one.
func (g *Gate) paceOf(address string) bucket {
	if g.limits.Handshakes == 0 || g.limits.PerAddress == 0 {
		return bucket{}
	}
	if pace, known := g.paces[address]; known {
		return pace
	}
	return bucket{rate: max(1, g.handshakes.rate/share)}
}

// forgetPaces forgets, now and then, the addresses that have rested: their buckets are
// full again.
func (g *Gate) forgetPaces(now time.Time) {
	if now.Sub(g.swept) < burst*time.Second {
		return
	}
	g.swept = now
	maps.DeleteFunc(g.paces, func(_ string, pace bucket) bool { return now.Sub(pace.last) >= burst*time.Second })
}

func reached(count, limit int) bool { return limit > 0 && count >= limit }

// of says whose the connection is, or tells why there is no room for theirs.
func (p *pass) of(user string, now time.Time) *refusal {
	g := p.gate
	g.mu.Lock()
	refused := reached(g.users[user], g.limits.PerUser)
	if !refused {
		p.user = user
		g.users[user]++
	}
	g.mu.Unlock()
	if refused {
		return g.refuse(shared.LimitUser, now)
	}
	return nil
}

// leave gives the room back. It may be called repeatedly.
func (p *pass) leave() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.left {
		return
	}
	p.left = true
	g.open--
	if p.faulty {
		g.faulty--
		release(g.faultyOf, p.address)
	}
	release(g.addresses, p.address)
	if p.user != "" {
		release(g.users, p.user)
	}
}

// release takes one off a count, and forgets what has none.
func release(counts map[string]int, name string) {
	if counts[name]--; counts[name] <= 0 {
		delete(counts, name)
	}
}

// look tells why another connection would be refused now, without taking room or
// counting it. The user may be "".
func (g *Gate) look(remoteHost, user string, now time.Time) *refusal {
	g.mu.Lock()
	address := throttle.Network(remoteHost)
	limit, refused := g.full(address)
	handshakes, own := g.handshakes, g.paceOf(address)
	switch {
	case refused:
	case user != "" && reached(g.users[user], g.limits.PerUser):
		limit, refused = shared.LimitUser, true
	case !own.take(now) || !handshakes.take(now):
		limit, refused = shared.LimitHandshakes, true
	}
	g.mu.Unlock()
	if refused {
		return g.refusal(limit)
	}
	return nil
}
