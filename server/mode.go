package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"cartline/server/httplog"
	"cartline/server/postgres"
	"cartline/shared"
)

// The modes: which part of the program a process serves.
const (
	modeAll     = "all"
	modeApp     = "app"
	modeEvents  = "events"
	modeGateway = "gateway"
)

// modeFlags say which part of the program runs, and over which connection it listens.
type modeFlags struct {
	Serve          string `env:"CARTLINE_SERVE" enum:"all,app,events,gateway" default:"all" placeholder:"MODE" help:"Which part to serve: all; app, the pages and the API; events, the sockets; or gateway, the sockets for an application of your own, of which --auth says who its users are. App and events are two processes on one PostgreSQL, and gateway keeps nothing in a database. (${default}, ${env})"`
	NotifyDatabase string `env:"CARTLINE_NOTIFY_DATABASE" placeholder:"URL" help:"PostgreSQL to LISTEN on, if that is not to go over --database: a pooler in transaction mode can't do it. It must lead to the same database. With --serve gateway it is the only one. (${env})"`
}

// sockets tells whether a mode has the sockets, and shop whether it has the pages and the
// API of the shop.
func (f *modeFlags) sockets() bool { return f.Serve != modeApp }
func (f *modeFlags) shop() bool    { return f.Serve == modeAll || f.Serve == modeApp }

// checkMode finds what doesn't go with the mode.
func (c *serveCommand) checkMode() error {
	sqlite := !isPostgres(c.Database)
	switch {
	case c.Serve == modeGateway && c.NotifyDatabase == "":
		return usagef("--serve gateway needs --notify-database postgres://…, on which your application notifies")
	case (c.Serve == modeApp || c.Serve == modeEvents) && sqlite:
		return usagef("--serve %s is one process of two, which takes PostgreSQL: give --database postgres://…, or serve all from one process on SQLite", c.Serve)
	case c.Demo && !c.shop():
		return usagef("--demo needs the shop, which --serve %s doesn't have; give it to the process that serves all or app", c.Serve)
	case c.NotifyDatabase == "":
		return nil
	case !isPostgres(c.NotifyDatabase):
		return usagef("--notify-database begins with postgres://")
	case c.Serve != modeGateway && sqlite:
		return usagef("--notify-database goes with --database postgres://…: SQLite notifies nobody")
	}
	if err := postgres.CheckDSN(c.NotifyDatabase); err != nil {
		return usagef("--notify-database: %w", err)
	}
	return nil
}

func isPostgres(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return scheme == "postgres" || scheme == "postgresql"
}

// listenAddress is the database over which a process listens, or "" if it has nobody to
// tell.
func (c *serveCommand) listenAddress() string {
	switch {
	case !c.sockets():
		return ""
	case c.NotifyDatabase != "":
		return c.NotifyDatabase
	}
	return c.Database
}

// tasks lists what runs as long as the server does. What has to be done once for all
// processes, like forgetting what is too old, may be done by several: each change is made
// under a lock, after another look, and what is swept is swept in turns.
//
// To release those who have gone is for every process that has the database, also for one
// without sockets: were all those with sockets down, nobody would be there, and a
// customer's cart must not stay open to somebody who isn't.
func (s *server) tasks() []func(context.Context) {
	tasks := []func(context.Context){s.metrics.Run, s.tracer.Run, s.front.Run, newMemory().run}
	if s.command.sockets() {
		tasks = append(tasks,
			func(ctx context.Context) { s.events.RunStatus(ctx, s.status) },
			s.events.RunHeartbeat,
			s.echo.RunHeartbeat,
		)
	}
	if s.command.Serve == modeGateway {
		return append(tasks, s.gatewayTasks...)
	}
	tasks = append(tasks, s.database.tasks...)
	tasks = append(tasks, func(ctx context.Context) { s.desk.Run(ctx, s.present) })
	if s.processes != nil {
		tasks = append(tasks, s.processes.run)
	}
	if s.command.sockets() {
		tasks = append(tasks, s.tail.Run, s.runRecheck)
	}
	if s.command.shop() {
		tasks = append(tasks, s.runSweep, s.runExpire)
	}
	return tasks
}

// began is closed as soon as nothing is missed that happens. It is nil where nothing is
// followed.
func (s *server) began() <-chan struct{} {
	if s.tail == nil || !s.command.sockets() {
		return nil
	}
	return s.tail.Started()
}

// onlyHere answers what isn't of the process's mode, in words that tell what to do, and
// passes on the rest.
func (c *serveCommand) onlyHere(next http.Handler) http.Handler {
	if c.Serve == modeAll {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if problem := c.elsewhere(r.URL.Path); problem != nil {
			refuseElsewhere(w, r, problem)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// elsewhere says why a path isn't served in this mode, or returns nil.
func (c *serveCommand) elsewhere(path string) *shared.Problem {
	socket := path == pathEcho || path == pathEvents
	switch {
	case c.Serve == modeApp && socket:
		return notHere("This process serves the pages and the API (--serve app), and no sockets. Start another with --serve events on the same database, and have the proxy lead /echo and /events there.")
	case c.Serve == modeEvents && !socket && !ofEvents(path):
		return notHere("This process serves the sockets (--serve events), and neither the shop nor the desk. Start another with --serve app on the same database, and have the proxy lead everything but /echo, /events, /api/gateway and /api/handshake there.")
	case c.Serve == modeGateway && !socket && !ofEvents(path):
		return notHere("This process is the gateway for events (--serve gateway), and has no shop. It has /events, /events/io, /echo and /api/gateway.")
	}
	return nil
}

func notHere(detail string) *shared.Problem {
	return &shared.Problem{Code: shared.CodeNotHere, Detail: detail}
}

// The paths of the sockets.
const (
	pathEcho   = "/echo"
	pathEvents = "/events/io"
)

// ofEvents tells whether a path, other than those of the sockets, belongs to the page of
// the events: the page, what it calls, and the files that it consists of.
func ofEvents(path string) bool {
	switch strings.TrimRight(path, "/") {
	case "/events", "/api/gateway", "/api/handshake", "/healthz", "/readyz",
		"/app.js", "/app.css", "/app-worker.js", "/manifest.webmanifest", "/wasm_exec.js", "/favicon.ico", "/robots.txt":
		return true
	}
	for _, folder := range []string{"/web/", "/api/gateway/", "/api/handshake/", "/api/staff/"} {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}

// refuseElsewhere answers with 421: the request is in order, but was led to a process
// that can't answer it (RFC 9110, section 15.5.20). A person, or whoever looks at a
// socket that doesn't open, gets the sentence; a program gets JSON.
func refuseElsewhere(w http.ResponseWriter, r *http.Request, problem *shared.Problem) {
	const status = http.StatusMisdirectedRequest
	body, kind := []byte(problem.Detail), "text/plain; charset=utf-8"
	if strings.HasPrefix(r.URL.Path, "/api/") {
		told := *problem
		told.Status, told.Title, told.Request = status, http.StatusText(status), httplog.RequestID(r)
		if encoded, err := json.Marshal(told); err == nil { // it always is
			body, kind = encoded, shared.ProblemType
		}
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // an error means that the client is gone
}

// handshakes tells, by the path of a socket, whether a request would be let in.
func (s *server) handshakes() map[string]func(*http.Request) error {
	if s.command.sockets() {
		return map[string]func(*http.Request) error{pathEcho: s.echo.MayEnter, pathEvents: s.events.MayEnter}
	}
	refuse := func(r *http.Request) error { return s.command.elsewhere(r.URL.Path) }
	return map[string]func(*http.Request) error{pathEcho: refuse, pathEvents: refuse}
}
