package socket

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cartline/server/httplog"
	"cartline/server/throttle"
	"cartline/shared"
)

// wish is what a handshake asks of the echo. The zero value is a plain echo.
type wish struct {
	faults   shared.Faults
	protocol string // the sub-protocol to agree on, or ""
}

// wishOf reads what a handshake asks of the echo: in the query of its address, or with
// the first sub-protocol that says so and can be done. Its error is a *shared.Problem.
//
// Most ask for nothing, and for them it costs nothing.
func (e *Echo) wishOf(r *http.Request) (w wish, err error) {
	offered := r.Header["Sec-Websocket-Protocol"]
	if r.URL.RawQuery == "" && len(offered) == 0 {
		return wish{}, nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return wish{}, badFault("The query of the address can't be read. Write it like ?delay=200&drop=10.")
	}
	if w.faults, err = shared.ParseFaults(query); err != nil {
		return wish{}, err
	}
	faults, protocol, err := chooseProtocol(offered)
	if err != nil {
		return wish{}, err
	}
	w.protocol = protocol
	if faults.Any() {
		if w.faults.Any() {
			return wish{}, badFault("There are faults in the address and in a sub-protocol. Ask for them in one place.")
		}
		w.faults = faults
	}
	if w.faults.Any() && e.config.RefuseFaults {
		return wish{}, &shared.Problem{Code: shared.CodeForbidden, Detail: "This server's echo has no faults. Its operator can allow them with --echo-faults."}
	}
	return w, nil
}

func badFault(detail string) error {
	return &shared.Problem{Code: shared.CodeInvalid, Detail: detail}
}

// chooseProtocol finds the first sub-protocol that asks for faults, or for a plain echo.
// Where none can be done, it tells what is wrong with the first. It looks at the first
// few only: a header has room for thousands, and the gate has not counted this one yet.
func chooseProtocol(offered []string) (shared.Faults, string, error) {
	var failed error
	looked := 0
	for name := range tokens(offered) {
		if looked++; looked > maxOffered {
			break
		}
		faults, ours, err := shared.ParseFaultProtocol(name)
		switch {
		case ours && err == nil:
			return faults, name, nil
		case failed == nil:
			failed = err
		}
	}
	return shared.Faults{}, "", failed
}

// tokens goes through the values of a header that is a list (RFC 9110, section 5.6.1).
func tokens(lines []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for token := range strings.SplitSeq(line, ",") {
				if token = strings.TrimSpace(token); token != "" && !yield(token) {
					return
				}
			}
		}
	}
}

// refuseWish answers a handshake that asks for what can't be done.
func refuseWish(w http.ResponseWriter, err error) {
	problem, status := shared.ProblemOf(err), http.StatusBadRequest
	if problem.Code == shared.CodeForbidden {
		status = http.StatusForbidden
	}
	refuse(w, status, problem.Detail)
}

// mayHave says why faults would be refused, as a *shared.Problem.
func (e *Echo) mayHave(r *http.Request) error {
	wish, err := e.wishOf(r)
	if err != nil || !wish.faults.Any() {
		return err
	}
	if refused := e.config.Gate.lookForFaults(httplog.RemoteHost(r)); refused != nil {
		return refused.problem
	}
	return nil
}

// enterWith takes the room that a wish needs besides, or answers that there is none.
func enterWith(w http.ResponseWriter, r *http.Request, wish wish, pass *pass) bool {
	if !wish.faults.Any() {
		return true
	}
	refused := pass.withFaults(time.Now())
	if refused != nil {
		refused.turnAway(w, r)
	}
	return refused == nil
}

// withFaults says that the connection is to have faults, or tells why there is no room
// for that.
func (p *pass) withFaults(now time.Time) *refusal {
	g := p.gate
	g.mu.Lock()
	refused := g.fullOfFaults(p.address)
	if refused == nil {
		p.faulty = true
		g.faulty++
		g.faultyOf[p.address]++
	}
	g.mu.Unlock()
	if refused != nil {
		g.count(shared.LimitFaults, now)
	}
	return refused
}

// lookForFaults tells what withFaults would, without taking room or counting it.
func (g *Gate) lookForFaults(remoteHost string) *refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fullOfFaults(throttle.Network(remoteHost))
}

// fullOfFaults tells why there is no room for another connection with faults from an
// address. The caller holds the lock.
func (g *Gate) fullOfFaults(address string) *refusal {
	own := g.limits.Faults
	if own > 0 && g.limits.PerAddress > 0 {
		own = max(1, own/share)
	}
	switch {
	case reached(g.faulty, g.limits.Faults):
		return g.refusal(shared.LimitFaults)
	case reached(g.faultyOf[address], own):
		refused := g.refusal(shared.LimitFaults)
		refused.own = true
		refused.problem.Detail = fmt.Sprintf("There are %d connections to the echo with faults from your network already, and no more are taken. Close some, or connect without faults.", own)
		return refused
	}
	return nil
}
