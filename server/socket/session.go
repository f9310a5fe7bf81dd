package socket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cartline/server/event"
	"cartline/server/socket/wire"
	"cartline/shared"
)

const (
	// listenTimeout bounds how long a client waits for the answer to its listen
	// when the database doesn't.
	listenTimeout = 5 * time.Second
	// lookupTimeout bounds how long a session is looked up.
	lookupTimeout = 5 * time.Second
)

// session is one client of the events endpoint. It is a subscriber of the hub.
type session struct {
	events  *Events
	conn    *wire.Conn
	pass    *pass
	who     Visitor
	name    string
	request string // the id of the handshake's, or ""
	since   time.Time
	sent    atomic.Int64 // events
	queue   *event.Queue
	writer  *writer
	helpers sync.WaitGroup // goroutines that wait for the client; see help
	// until is when the first of the visitor's sessions expires, and confirmed when the
	// staff's was last found standing, in nanoseconds since 1970.
	until, confirmed atomic.Int64

	// These belong to the goroutine that reads.
	flood   flood
	refused int // messages

	mu        sync.Mutex
	listening []string
	over      bool               // no more helpers
	ending    context.CancelFunc // of lifetime's context; nil until there is one
	life      context.Context
	farewell  *farewell // said once the queue is empty; nil: nothing
}

// farewell is a close frame that ends the session.
type farewell struct {
	code   int
	reason string
}

func newSession(e *Events, conn *wire.Conn, pass *pass, who Visitor, name string) *session {
	s := &session{
		events: e,
		conn:   conn,
		pass:   pass,
		who:    who,
		name:   name,
		since:  time.Now().UTC(),
		queue:  event.NewQueue(e.config.QueueLimit),
		writer: e.writers.one(),
		flood:  newFlood(e.config.Gate.limits.Messages),
	}
	s.until.Store(who.expires().UnixNano())
	s.confirmed.Store(s.since.UnixNano())
	return s
}

// read answers the client's messages until the connection ends.
func (s *session) read() error {
	for {
		kind, err := s.conn.Next()
		if err != nil {
			return err
		}
		s.aside(func() { err = s.receive(kind) })
		if err != nil {
			return err
		}
	}
}

// receive reads one message and answers it. Only an end of the connection is an
// error: what a client says wrong is told to the client.
func (s *session) receive(kind wire.Type) error {
	buffer := takeBuffer()
	defer giveBuffer(buffer)
	var err error
	if *buffer, err = s.conn.Append(*buffer); err != nil {
		return err
	}
	if tooFast, enough := s.flood.judge(time.Now()); tooFast != nil {
		s.events.config.Gate.count(shared.LimitMessages, time.Now())
		// Whoever believes that they listen would miss everything.
		if request, err := shared.ParseRequest(*buffer); err == nil {
			tooFast.Channel = request.Listen
		}
		s.refuse(tooFast, len(*buffer))
		if enough {
			s.end(shared.CloseFlood, "too many messages; come back later")
		}
		return nil
	}
	if err := s.answer(kind, *buffer); err != nil {
		s.refuse(err, len(*buffer))
	}
	return nil
}

// refuse tells the client what is wrong with a message. The log has the first of them
// and in the end how many there were, lest a client fill it.
func (s *session) refuse(err error, size int) {
	problem := shared.ProblemOf(err)
	if s.refused++; s.refused == 1 {
		s.log().Warn("events message refused", "bytes", size, "code", problem.Code, "error", err)
	}
	s.send(shared.KindError, problem)
}

// answer does what a message asks for. A panic in it costs the client an error
// message, and nobody else anything.
func (s *session) answer(kind wire.Type, message []byte) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.logPanic(cause)
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	if kind != wire.Text {
		return &shared.Problem{Code: shared.CodeInvalid, Detail: "Only text messages are understood here."}
	}
	request, err := shared.ParseRequest(message)
	if err != nil {
		return err
	}
	if request.Unlisten != "" {
		if err := s.unlisten(request.Unlisten); err != nil {
			return err
		}
		s.setListening(request.Unlisten, false)
		s.send(shared.KindUnlistening, shared.Listening{Channel: request.Unlisten})
		return nil
	}
	if request.Ping != "" {
		s.send(shared.KindPong, request.Ping)
		return nil
	}
	ctx, cancel := context.WithTimeout(s.events.running, listenTimeout)
	defer cancel()
	err = s.listen(ctx, request)
	var problem *shared.Problem
	if errors.As(err, &problem) {
		problem.Channel = request.Listen
	}
	return err
}

// lifetime is a context that ends with the session. Most sessions never need one.
func (s *session) lifetime() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == nil {
		s.life, s.ending = context.WithCancel(s.events.running)
		if s.over || s.farewell != nil {
			s.ending()
		}
	}
	return s.life
}

// setListening notes whether a channel is listened to, and returns whether it was.
func (s *session) setListening(channel string, listening bool) (had bool) {
	s.mu.Lock()
	had = slices.Contains(s.listening, channel)
	switch {
	case listening && !had:
		s.listening = append(s.listening, channel)
	case !listening && had:
		s.listening = slices.DeleteFunc(s.listening, func(c string) bool { return c == channel })
	}
	s.mu.Unlock()
	if had != listening {
		s.events.Note()
	}
	return had
}

// channels lists what is listened to.
func (s *session) channels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.listening)
}

func (s *session) describe() shared.SocketSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	return shared.SocketSession{Name: s.name, Since: s.since, Listening: append([]string{}, s.listening...)}
}

// send queues a control message behind what is queued already.
func (s *session) send(kind string, payload any) {
	message, err := shared.NewMessage(kind, payload, nil)
	if err == nil {
		var text []byte
		if text, err = message.Text(); err == nil {
			s.Deliver(event.Plain(text))
			return
		}
	}
	s.log().Error("events answer can't be encoded", "kind", kind, "error", err)
}

// Deliver implements event.Subscriber. What is delivered is written by the session's
// writer.
func (s *session) Deliver(d event.Delivery) {
	switch s.queue.Push(d) {
	case event.Begin:
		s.writer.add(s)
	case event.Overflow:
		s.log().Warn("events client is too slow")
		s.events.config.Gate.count(shared.LimitQueue, time.Now())
		s.end(shared.CloseSlow, "too slow; come back")
	case event.Queued, event.Closed:
	}
}

// help does something in a goroutine that serve waits for, or nothing if serve is
// at its end.
func (s *session) help(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.helpers.Go(func() {
			defer s.survive()
			do()
		})
	}
}

// finish ends the session once what is queued has been written. It may wait for a slow
// peer, but no longer than Conn.Close does.
func (s *session) finish(code int, reason string) {
	s.mu.Lock()
	s.farewell = &farewell{code, reason}
	if s.ending != nil {
		s.ending() // what it would catch up on finds no room any more
	}
	s.mu.Unlock()
	if !s.queue.Finish() {
		s.sayFarewell()
	}
}

// sayFarewell closes the connection if finish was called.
func (s *session) sayFarewell() {
	s.mu.Lock()
	farewell := s.farewell
	s.mu.Unlock()
	if farewell != nil {
		s.close(farewell.code, farewell.reason)
	}
}

// end closes the connection in the background, since closing may have to wait
// for a slow peer. What is queued is dropped.
func (s *session) end(code int, reason string) {
	s.queue.Close()
	s.help(func() { s.close(code, reason) })
}

func (s *session) close(code int, reason string) {
	if err := s.conn.Close(code, reason); err != nil {
		s.log().Debug("events close frame not sent", "error", err)
	}
}
