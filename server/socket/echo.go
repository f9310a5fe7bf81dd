package socket

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"cartline/server/httplog"
	"cartline/server/socket/wire"
	"cartline/shared"
)

const (
	// DefaultEchoLimit is the size limit of a message to [Echo], in bytes, when
	// [EchoConfig.Limit] is zero.
	DefaultEchoLimit = 1 << 20

	// EchoGreeting is the text message that greets every client of [Echo].
	EchoGreeting = "Echo Initiated"
)

// EchoConfig configures [NewEcho]. The zero value is usable.
type EchoConfig struct {
	// Limit is the largest message that is echoed, in bytes; a larger one closes
	// the connection with [wire.MessageTooBig].
	//
	// Default: [DefaultEchoLimit]. Danger: anyone may connect, and each client
	// can make the server hold this much.
	Limit int

	// WriteTimeout is how long a client may take to accept a message, or each
	// 256 KiB of it, before it is dropped.
	//
	// Default: [wire.DefaultWriteTimeout]. Danger: while it runs, a client that
	// does not read keeps a goroutine and a buffer.
	WriteTimeout time.Duration

	// CheckOrigin says why a request's Origin may not connect; the client is
	// told that sentence with status 403.
	//
	// Default: every origin may. Danger: then every web page in the world can
	// make its visitors talk to this server, also one in a private network.
	CheckOrigin func(*http.Request) error

	// Gate bounds connections. Default: nothing does.
	//
	// Danger: without it anyone can open as many as the process can bear.
	Gate *Gate

	// RefuseFaults refuses handshakes that ask for faults, with status 403.
	//
	// Default: everyone may have them, as far as [Limits.Faults] goes.
	RefuseFaults bool

	// Random draws a number from 0 up to but not including n, for faults that happen
	// by chance. It is called from many goroutines at once.
	//
	// Default: [rand.IntN].
	Random func(n int) int

	// Witness keeps what handshakes looked like for those who ask for that. Default:
	// nothing is kept.
	Witness *Witness

	// Heartbeat is the time between two looks for clients that are gone without a
	// word; see [Echo.RunHeartbeat]. Default: [DefaultHeartbeat].
	Heartbeat time.Duration

	// Drain is how long [Echo.Shutdown] takes to tell all clients to go, if there
	// are many. Default: they are told at once.
	//
	// Danger: then they all come back at once.
	Drain time.Duration

	// Log gets connects and disconnects. Default: [slog.Default].
	Log *slog.Logger

	// Hooks are called for counting. Default: none.
	Hooks EchoHooks
}

// EchoHooks are called from many goroutines at once and must be quick: clients
// wait for them. Each may be nil.
type EchoHooks struct {
	Opened func()          // a connection was accepted
	Echoed func(bytes int) // a message of this many bytes was sent back
	Closed func(wire.End)  // a connection that was opened has ended
}

// Echo is the WebSocket endpoint that greets each client with [EchoGreeting] and
// then sends every message back as it came: text as text, binary as binary. It
// asks for no sign-in. On request it does some of that wrong, so that clients can be
// tested against it; see [shared.Faults].
//
// Each connection has one goroutine, which the Echo owns, and one with faults has two;
// see [Echo.Shutdown].
type Echo struct {
	config  EchoConfig
	conns   registry
	traffic traffic
}

// NewEcho returns an Echo without connections.
func NewEcho(c EchoConfig) *Echo {
	c.Limit = cmp.Or(c.Limit, DefaultEchoLimit)
	c.Heartbeat = cmp.Or(c.Heartbeat, DefaultHeartbeat)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Random == nil {
		c.Random = rand.IntN
	}
	if c.Gate == nil {
		c.Gate = NewGate(Limits{}, nil, c.Log)
	}
	return &Echo{config: c}
}

// ServeHTTP upgrades r and returns; the connection lives on.
func (e *Echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !wantsWebSocket(r) {
		refuse(w, http.StatusBadRequest, expectedWebSocket)
		return
	}
	w, seen := e.config.Witness.look(w, r)
	defer seen.keep()
	if e.config.CheckOrigin != nil {
		err := e.config.CheckOrigin(r)
		seen.origin(r, err)
		if err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
	}
	wish, err := e.wishOf(r)
	if err != nil {
		refuseWish(w, err)
		return
	}
	seen.faults(wish.faults)
	pass, ok := enter(w, r, e.config.Gate, &e.conns)
	if !ok {
		return
	}
	if !enterWith(w, r, wish, pass) || !e.upgrade(w, r, wish, pass) {
		pass.leave()
	}
}

// upgrade answers the handshake of someone for whom there is room, and tells whether
// the connection lives, and with it the pass.
func (e *Echo) upgrade(w http.ResponseWriter, r *http.Request, wish wish, pass *pass) bool {
	if !e.conns.reserve() {
		refuseShutdown(w, r)
		return false
	}
	options := wire.Options{
		MaxMessage:   e.config.Limit,
		WriteTimeout: e.config.WriteTimeout,
	}
	if wish.protocol != "" {
		options.Subprotocols = []string{wish.protocol}
	}
	conn, err := wire.Accept(w, r, options)
	if err != nil {
		e.conns.release()
		e.config.Log.Info("echo refused", "remote", httplog.RemoteHost(r), "error", err, "request", httplog.RequestID(r))
		return false
	}
	go e.serve(conn, wish.faults, pass, httplog.RequestID(r))
	return true
}

// MayEnter says why a handshake would be refused, as a *shared.Problem. It doesn't look
// at the origin.
func (e *Echo) MayEnter(r *http.Request) error {
	if err := e.mayHave(r); err != nil {
		return err
	}
	return mayEnter(r, e.config.Gate, &e.conns, "")
}

// serve is the goroutine of one connection.
func (e *Echo) serve(conn *wire.Conn, faults shared.Faults, pass *pass, request string) {
	defer e.conns.release()
	e.conns.add(conn, func() { goAway(conn) })
	defer e.conns.remove(conn)
	defer pass.leave()

	began := time.Now()
	log := e.config.Log.With("remote", pass.remote)
	echo := e.echo
	if faults.Any() {
		log = log.With("faults", faults.Query())
		echo = func(conn *wire.Conn) (int, error) { return e.echoWith(conn, faults) }
	}
	log.Info("echo connected", "request", request)
	e.traffic.opened.Add(1)
	if f := e.config.Hooks.Opened; f != nil {
		f()
	}

	messages, err := echo(conn)
	if errors.Is(err, net.ErrClosed) {
		// Shutdown is closing it: cutting that short would cost the client the close frame.
		_ = conn.Close(wire.GoingAway, goAwayReason) // How it went, End tells.
	}
	conn.CloseNow() // Unless reading has ended it, the client does not read.

	end := conn.End()
	if end.Code == wire.Abnormal {
		log = log.With("error", err) // Otherwise the code says it all.
	}
	e.config.Gate.countEnd(end)
	e.traffic.closed.Add(codeLabel(end.Code))
	log.Info("echo disconnected",
		"duration", time.Since(began),
		"code", end.Code, "by", end.By.String(), "reason", end.Reason,
		"messages", messages)
	if f := e.config.Hooks.Closed; f != nil {
		f(end)
	}
}

// echo greets and echoes until the connection ends. It returns the number of
// messages sent back.
func (e *Echo) echo(conn *wire.Conn) (messages int, _ error) {
	if err := conn.Write(wire.Text, []byte(EchoGreeting)); err != nil {
		return 0, err
	}
	for ; ; messages++ {
		size, err := echoOne(conn)
		if err != nil {
			return messages, err
		}
		if f := e.config.Hooks.Echoed; f != nil {
			f(size)
		}
	}
}

// echoOne waits for a message and sends it back. Only from its first byte on does
// it hold a buffer, and for one that comes in one piece none of its own.
func echoOne(conn *wire.Conn) (size int, _ error) {
	typ, err := conn.Next()
	if err != nil {
		return 0, err
	}
	if size, done, err := conn.SendBack(); done || err != nil {
		return size, err
	}
	b := takeBuffer()
	defer giveBuffer(b)
	*b, err = conn.Append(*b)
	if err != nil {
		return 0, err
	}
	return len(*b), conn.Write(typ, *b)
}

const (
	// Buffers start with room for a message of 4 KiB and for finding its end.
	newBufferSize = 4<<10 + 512

	// Larger buffers are left to the garbage collector, lest a few big messages
	// leave the pool full of them.
	maxPooledBuffer = 1 << 20
)

var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, newBufferSize)
	return &b
}}

func takeBuffer() *[]byte { return buffers.Get().(*[]byte) }

func giveBuffer(b *[]byte) {
	if cap(*b) > maxPooledBuffer {
		return
	}
	*b = (*b)[:0]
	buffers.Put(b)
}

// Count returns the number of open connections.
func (e *Echo) Count() int { return e.conns.count() }

// RunHeartbeat finds clients that are gone without a word, until ctx ends.
func (e *Echo) RunHeartbeat(ctx context.Context) { e.conns.runSweeps(ctx, e.config.Heartbeat) }

// Shutdown refuses new connections, closes the open ones with [wire.GoingAway], spread
// over [EchoConfig.Drain], and waits until their goroutines have ended, which takes
// about two seconds more at most. When ctx ends before, the rest is cut, and ctx's
// error returned.
func (e *Echo) Shutdown(ctx context.Context) error {
	e.conns.drain(ctx, e.config.Drain)
	return e.conns.wait(ctx)
}
