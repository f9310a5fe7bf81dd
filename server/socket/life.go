package socket

import (
	"log/slog"
	"runtime/debug"
	"time"

	"cartline/server/socket/wire"
)

// serve is the session's goroutine. When it returns, everything that the session
// held is released. Missed says that a Recheck may have passed the session over.
//
// It waits for the client in here, and what a goroutine's stack has grown to it keeps. So
// whatever takes more than a shallow one is done aside.
func (s *session) serve(missed bool) {
	var err error
	defer func() { s.leave(err, recover()) }()
	s.aside(func() { s.begin(missed) })
	err = s.read()
}

// aside does something in a goroutine of its own, and waits for it.
func (s *session) aside(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.survive()
		do()
	}()
	<-done
}

// begin is what comes before the first message.
func (s *session) begin(missed bool) {
	s.events.conns.add(s.conn, func() { s.finish(wire.GoingAway, goAwayReason) })
	s.log().Info("events connected", "remote", s.pass.remote, "request", s.request)
	s.events.traffic.opened.Add(1)
	if missed {
		s.makeUpRecheck()
	}
}

// leave releases what the session held, after reading has ended with an error, or a panic
// whose cause is not nil.
func (s *session) leave(err error, cause any) {
	defer s.events.conns.release()
	defer s.survive()
	defer s.events.conns.remove(s.conn)
	defer s.pass.leave()
	defer s.events.forget(s)
	if cause != nil {
		s.logPanic(cause)
	}
	s.queue.Close()
	s.conn.CloseNow() // a writer that waits for the client is waiting in vain
	s.mu.Lock()
	s.over = true
	if s.ending != nil {
		s.ending()
	}
	s.mu.Unlock()
	state := s.inspect()
	s.events.config.Hub.Leave(s)
	s.helpers.Wait()
	end := s.conn.End()
	s.events.noteGone(state, end)
	log := s.log()
	if end.Code == wire.Abnormal {
		log = log.With("error", err) // Otherwise the code says it all.
	}
	if s.refused > 0 {
		log = log.With("messages_refused", s.refused)
	}
	s.events.config.Gate.countEnd(end)
	log.Info("events disconnected",
		"duration", time.Since(s.since), "code", end.Code, "by", end.By.String(), "reason", end.Reason)
}

// survive logs a panic of one of the session's goroutines, which would otherwise end
// the process and every other session with it. What the session is worth after that
// nobody knows, so it is cut, and the client comes back.
func (s *session) survive() {
	if cause := recover(); cause != nil {
		s.logPanic(cause)
		s.conn.CloseNow()
	}
}

func (s *session) logPanic(cause any) {
	s.log().Error("events exception", "cause", cause, "stack", string(debug.Stack()))
}

// log is made anew each time, as few sessions have much to tell.
func (s *session) log() *slog.Logger { return s.events.config.Log.With("session", s.name) }
