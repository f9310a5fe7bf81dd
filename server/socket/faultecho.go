package socket

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"cartline/server/socket/wire"
	"cartline/shared"
)

const (
	// DefaultFaults is how many connections to the echo may have faults at a time,
	// unless a server is made with another limit.
	DefaultFaults = 100

	// faultsWait and faultsWaitBytes bound what waits to be sent back; one message of
	// any size always may. When there is no room, nothing more is read.
	faultsWait      = 64
	faultsWaitBytes = 1 << 20

	// maxBurst is how many bytes are sent back at most for one message, if that is
	// more than once.
	maxBurst = 8 << 20

	brokenOff = "broken off, as was asked"
)

// faultyEcho is one connection to an echo that does wrong what it was asked to.
//
// The connection's own goroutine reads, as slowly as that is wanted, and a second one
// sends back: so what is delayed is delayed together, and pings are answered meanwhile.
// In between is a bounded queue. Whichever side finds that the connection has ended, or
// ends it, wakes the other by conn.Done.
type faultyEcho struct {
	conn   *wire.Conn
	faults shared.Faults
	random func(n int) int
	echoed func(bytes int)

	queue chan late     // in whose order messages are sent back, whatever their times
	bytes atomic.Int64  // of the messages in the queue, and of the one being sent
	freed chan struct{} // told when there are fewer
	sent  int           // by the writer, until that has ended

	heartbeat time.Duration
	pinged    time.Time // by the reader
}

// late is a message that waits to be sent back.
type late struct {
	typ     wire.Type
	message []byte
	due     time.Time
}

// echoWith is echo with faults.
func (e *Echo) echoWith(conn *wire.Conn, faults shared.Faults) (messages int, _ error) {
	if err := conn.Write(wire.Text, []byte(EchoGreeting)); err != nil {
		return 0, err
	}
	f := &faultyEcho{
		conn:   conn,
		faults: faults,
		random: e.config.Random,
		echoed: e.config.Hooks.Echoed,
		queue:  make(chan late, faultsWait-1), // and one that is being sent
		freed:  make(chan struct{}, 1),

		heartbeat: e.config.Heartbeat,
		pinged:    time.Now(),
	}
	var writing sync.WaitGroup
	writing.Go(f.write)
	err := f.read()
	writing.Wait()
	return f.sent, err
}

// read reads messages until the connection ends, also those for which nobody waits any
// more: only reading tells how it ended.
func (f *faultyEcho) read() error {
	for {
		if f.faults.Slow > 0 {
			f.wait(milliseconds(f.faults.Slow))
			f.ping()
		}
		// No buffer of the pool, as that may be large, and be kept for long by a small
		// message.
		typ, message, err := f.conn.Read(nil)
		if err != nil {
			return err
		}
		// Many messages may have come at once, and long ago.
		f.conn.Heard()
		if !f.drops() {
			f.push(typ, message)
		}
	}
}

// ping pings now and then: what was sent is read slowly, perhaps for days after its
// sender is gone, which only writing tells. Where all echoes are dropped, nothing else is
// written; and the heartbeat takes each message for a sign of life.
func (f *faultyEcho) ping() {
	if now := time.Now(); now.Sub(f.pinged) >= f.heartbeat {
		f.pinged = now
		f.conn.Ping() // Where that fails, the connection ends.
	}
}

// wait returns false if the connection ends before.
func (f *faultyEcho) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-f.conn.Done():
		return false
	}
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// drops says whether the message that was read gets no echo.
func (f *faultyEcho) drops() bool { return f.faults.Drop > 0 && f.random(100) < f.faults.Drop }

// push has a message sent back when its time has come. It waits for room, or until the
// connection ends.
func (f *faultyEcho) push(typ wire.Type, message []byte) {
	delay := milliseconds(f.faults.Delay)
	if f.faults.Jitter > 0 {
		delay += milliseconds(f.random(f.faults.Jitter + 1))
	}
	due := time.Now().Add(delay)
	size := int64(len(message))
	for waiting := f.bytes.Load(); waiting > 0 && waiting+size > faultsWaitBytes; waiting = f.bytes.Load() {
		select {
		case <-f.freed:
		case <-f.conn.Done():
			return
		}
	}
	f.bytes.Add(size)
	select {
	case f.queue <- late{typ, message, due}:
	case <-f.conn.Done():
	}
}

// write is the goroutine that sends messages back, until the connection ends.
func (f *faultyEcho) write() {
	for !f.closes() {
		var m late
		select {
		case m = <-f.queue:
		case <-f.conn.Done():
			return
		}
		if !f.wait(time.Until(m.due)) || !f.answer(m) {
			return
		}
		f.bytes.Add(-int64(len(m.message)))
		select {
		case f.freed <- struct{}{}:
		default: // it is told already
		}
	}
}

// answer sends a message back as often as is wanted. It returns false once nothing more
// can be sent; the reader tells why.
func (f *faultyEcho) answer(m late) bool {
	length := max(len(m.message), f.faults.Big)
	for range copies(f.faults.Burst, length) {
		if f.closes() {
			return false
		}
		if f.send(m.typ, m.message, length) != nil {
			return false
		}
		f.sent++
		if f.echoed != nil {
			f.echoed(length)
		}
	}
	return true
}

// copies is how often a message of a length is sent back.
func copies(burst, length int) int {
	return max(1, min(burst, maxBurst/max(length, 1)))
}

// send sends a message once, filled up to a length.
func (f *faultyEcho) send(typ wire.Type, message []byte, length int) error {
	switch {
	case length > len(message):
		return f.conn.WriteFrom(typ, newFilled(typ, message, length), length, f.faults.Fragment)
	case f.faults.Fragment > 0:
		return f.conn.WriteFrom(typ, bytes.NewReader(message), length, f.faults.Fragment)
	}
	return f.conn.Write(typ, message)
}

// closes closes the connection if it is time for that.
func (f *faultyEcho) closes() bool {
	if f.faults.Close == 0 || f.sent < f.faults.After {
		return false
	}
	// When a close frame can't be sent, the connection is gone or cut, which the
	// reader tells.
	switch f.faults.Close {
	case wire.NoStatus:
		_ = f.conn.CloseWithoutCode()
	case wire.Abnormal:
		f.conn.BreakOff(brokenOff)
	default:
		_ = f.conn.Close(f.faults.Close, f.faults.Reason)
	}
	return true
}

// filled reads a message over and over up to a length. What is left of that in the end,
// as no character is cut in two, is spaces, and so is all of it for an empty message. In
// a binary message nothing is left, or all is.
type filled struct {
	message  []byte
	repeated int // bytes that repeat the message
	at       int
}

func newFilled(typ wire.Type, message []byte, length int) *filled {
	f := &filled{message: message}
	if len(message) == 0 {
		return f
	}
	rest := length % len(message)
	if typ == wire.Text {
		for rest > 0 && !utf8.RuneStart(message[rest]) {
			rest--
		}
	}
	f.repeated = length - length%len(message) + rest
	return f
}

// Read implements io.Reader. It never ends, as it is asked for no more than the length.
func (f *filled) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		if f.at >= f.repeated {
			p[n] = ' '
			n++
			continue
		}
		at := f.at % len(f.message)
		part := copy(p[n:], f.message[at:min(len(f.message), at+f.repeated-f.at)])
		n += part
		f.at += part
	}
	return n, nil
}
