package socket

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cartline/server/httplog"
	"cartline/shared"
)

// expectedWebSocket is the answer to a request that asks for no upgrade.
const expectedWebSocket = "Expected websocket"

// wantsWebSocket reports whether r asks for an upgrade to WebSocket: one of the
// tokens of its Upgrade header is "websocket", in any case (RFC 6455 section
// 4.2.1). The rest of the handshake is for [wire.Accept] to judge.
func wantsWebSocket(r *http.Request) bool {
	for _, line := range r.Header.Values("Upgrade") {
		for token := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "websocket") {
				return true
			}
		}
	}
	return false
}

// enter takes room for a connection before anything that costs more is done, or answers
// that there is none.
func enter(w http.ResponseWriter, r *http.Request, gate *Gate, conns *registry) (p *pass, ok bool) {
	if conns.closed() {
		refuseShutdown(w, r)
		return nil, false
	}
	p, refused := gate.enter(httplog.RemoteHost(r), time.Now())
	if refused != nil {
		refused.turnAway(w, r)
		return nil, false
	}
	return p, true
}

// mayEnter tells what enter would answer, and whether the user would be let in, as a
// *shared.Problem.
func mayEnter(r *http.Request, gate *Gate, conns *registry, user string) error {
	if conns.closed() {
		return &shared.Problem{Code: shared.CodeUnavailable, Detail: shuttingDown + ".", RetryAfter: comeBackAfter}
	}
	if refused := gate.look(httplog.RemoteHost(r), user, time.Now()); refused != nil {
		return refused.problem
	}
	return nil
}

// refuseShutdown answers a handshake that comes too late.
func refuseShutdown(w http.ResponseWriter, r *http.Request) {
	httplog.TurnedAway(r)
	w.Header().Set("Retry-After", strconv.Itoa(comeBackAfter))
	refuse(w, http.StatusServiceUnavailable, shuttingDown)
}

// turnAway answers a handshake for which there is no room. The gate has counted it, and
// the log has a line now and then.
func (f *refusal) turnAway(w http.ResponseWriter, r *http.Request) {
	httplog.TurnedAway(r)
	w.Header().Set("Retry-After", strconv.Itoa(f.problem.RetryAfter))
	refuse(w, f.status(), f.problem.Detail)
}

// refuse answers with one sentence of plain text, exactly as given.
func refuse(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client has gone if this fails, and net/http notices by itself.
	_, _ = io.WriteString(w, sentence)
}
