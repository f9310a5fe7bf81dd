package socket

import (
	"fmt"
	"net/http"
	"time"

	"cartline/server/socket/wire"
	"cartline/shared"
)

// refuse counts a refusal and returns it.
func (g *Gate) refuse(limit shared.Limit, now time.Time) *refusal {
	g.count(limit, now)
	return g.refusal(limit)
}

// logPause is the least time between two lines in the log about one limit.
const logPause = time.Minute

// count counts what a limit turned away. One line in the log stands for many, as it
// may be an attack.
func (g *Gate) count(limit shared.Limit, now time.Time) {
	g.mu.Lock()
	g.refused[limit]++
	sofar := g.refused[limit]
	last, before := g.logged[limit]
	due := !before || now.Sub(last) >= logPause
	if due {
		g.logged[limit] = now
	}
	g.mu.Unlock()
	if due {
		g.logger.Warn("a limit was reached", "limit", limit, "refused_since_start", sofar)
	}
	g.changed()
}

// countEnd counts a connection that ended because a message was too big.
func (g *Gate) countEnd(end wire.End) {
	if end.Code == wire.MessageTooBig && end.By == wire.Server {
		g.count(shared.LimitSize, time.Now())
	}
}

// refusal is why there is no room, as the client is told.
type refusal struct {
	limit   shared.Limit
	problem *shared.Problem
	own     bool // others would still be let in, though the limit is one for all
}

// status is the answer to a handshake: 503 where nobody would be let in, 429 where
// others still are.
func (f *refusal) status() int {
	if f.own {
		return http.StatusTooManyRequests
	}
	switch f.limit {
	case shared.LimitConnections, shared.LimitHandshakes, shared.LimitFaults:
		return http.StatusServiceUnavailable
	}
	return http.StatusTooManyRequests
}

func (g *Gate) refusal(limit shared.Limit) *refusal {
	problem := &shared.Problem{Code: shared.CodeTooManyConnections, RetryAfter: 30}
	switch limit {
	case shared.LimitConnections:
		problem.Detail = "This server has as many connections as it takes. Try again in half a minute."
	case shared.LimitAddress:
		problem.Detail = fmt.Sprintf("There are %d connections from your network already, and no more are taken. Close pages that you don't need.", g.limits.PerAddress)
	case shared.LimitUser:
		problem.Detail = fmt.Sprintf("You have %d connections already, and no more are taken. Close pages that you don't need.", g.limits.PerUser)
	case shared.LimitFaults:
		problem.Detail = fmt.Sprintf("There are %d connections to the echo with faults already, and no more are taken. Try again in half a minute, or without faults.", g.limits.Faults)
	case shared.LimitHandshakes:
		problem.Code, problem.RetryAfter = shared.CodeTooFast, 2
		problem.Detail = "Too many are connecting at this moment. Try again in two seconds."
	}
	return &refusal{limit: limit, problem: problem}
}
