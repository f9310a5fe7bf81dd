package testenv

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Link is a line between two programs that can be broken: a TCP proxy at an address
// that stays, before one that stays too. Its methods may be called by any goroutine.
//
// It is our own because the one that is known for this, Toxiproxy, would bring thirteen
// modules into go.mod, Prometheus and Protocol Buffers among them, for what these
// lines do.
type Link struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	down    bool          // who connects is sent away
	passing chan struct{} // closed unless the link is stalled
	speed   int           // in bytes a second; 0 is as fast as can be
	free    time.Time     // when what is on its way has passed, on a link with a speed
	lines   map[*line]struct{}
}

// line is one connection through a link.
type line struct {
	near, far net.Conn
	dead      chan struct{} // closed by Link.Die
	ended     chan struct{} // closed by end
	once      sync.Once
}

// end ends the connection on both sides with a reset.
func (c *line) end() {
	c.once.Do(func() {
		close(c.ended)
		for _, conn := range []net.Conn{c.near, c.far} {
			// Errors mean that it has ended already.
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	})
}

// isDead says whether the line swallows everything.
func (c *line) isDead() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}

// NewLink opens a link to an address, which need not be there yet. It ends with the
// test.
func NewLink(t testing.TB, target string) *Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{target: target, listener: listener, passing: make(chan struct{}), lines: make(map[*line]struct{})}
	close(l.passing)
	l.running.Go(l.accept)
	t.Cleanup(func() {
		_ = listener.Close() // nobody is left whom an error would tell anything
		l.Cut()
		l.Bury()
		l.running.Wait()
	})
	return l
}

// Address is where programs connect that are to reach the target.
func (l *Link) Address() string { return l.listener.Addr().String() }

// Cut ends every connection that is not dead, with a reset, and sends away who connects
// until Mend.
func (l *Link) Cut() {
	l.mu.Lock()
	l.down = true
	l.mu.Unlock()
	l.each(func(c *line) {
		if !c.isDead() {
			c.end()
		}
	})
}

// CutOne ends one connection, whichever, if there is any. Who connects gets through.
func (l *Link) CutOne() {
	one := false
	l.each(func(c *line) {
		if !one && !c.isDead() {
			one = true
			c.end()
		}
	})
}

// Die has the present connections swallow everything until Bury, without ending, as when
// a machine on the way has forgotten them. Later ones work.
func (l *Link) Die() {
	l.each(func(c *line) {
		if !c.isDead() {
			close(c.dead)
		}
	})
}

// Bury ends the dead connections with a reset, as when the machine on the way is back,
// and says that it knows nothing of them.
func (l *Link) Bury() {
	l.each(func(c *line) {
		if c.isDead() {
			c.end()
		}
	})
}

// Stall holds back everything that is sent from now on, until Mend.
func (l *Link) Stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.passing:
		l.passing = make(chan struct{})
	default: // it is stalled
	}
}

// Slow has the link carry so many bytes a second from now on, of all connections and in
// both directions together.
func (l *Link) Slow(bytesPerSecond int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.speed = bytesPerSecond
}

// passed waits as long as so many bytes take to pass.
func (l *Link) passed(c *line, bytes int) {
	l.mu.Lock()
	now := time.Now()
	if l.speed > 0 {
		if l.free.Before(now) {
			l.free = now
		}
		l.free = l.free.Add(time.Duration(bytes) * time.Second / time.Duration(l.speed))
	}
	wait := l.free.Sub(now)
	l.mu.Unlock()
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.ended:
	}
}

// Mend undoes Cut and Stall: what was held back arrives.
func (l *Link) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
	select {
	case <-l.passing:
	default:
		close(l.passing)
	}
}

// each does something with each connection, in no order.
func (l *Link) each(do func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.lines {
		do(c)
	}
}

// accept opens lines until the link ends.
func (l *Link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		// A target that isn't there refuses at once, being on this machine.
		far, err := net.Dial("tcp", l.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		c := &line{near: near, far: far, dead: make(chan struct{}), ended: make(chan struct{})}
		if !l.add(c) {
			c.end()
			continue
		}
		var carrying sync.WaitGroup
		carrying.Go(func() { l.carry(c, far, near) })
		carrying.Go(func() { l.carry(c, near, far) })
		l.running.Go(func() {
			carrying.Wait()
			l.mu.Lock()
			delete(l.lines, c)
			l.mu.Unlock()
		})
	}
}

// add makes a line one of the link's, unless that is down.
func (l *Link) add(c *line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false
	}
	l.lines[c] = struct{}{}
	return true
}

// carry copies what comes. An end that is no reset is passed on as one that is none
// either, after what came before it.
func (l *Link) carry(c *line, to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-l.open():
		case <-c.ended:
			return
		}
		if c.isDead() {
			_, _ = io.Copy(io.Discard, from)
			<-c.ended // nobody learns of it before
			return
		}
		l.passed(c, n)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				c.end()
				return
			}
		}
		if err != nil {
			_ = to.Close() // an error means that it has ended already
			return
		}
	}
}

// open returns a channel that is closed when the link isn't stalled.
func (l *Link) open() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passing
}
