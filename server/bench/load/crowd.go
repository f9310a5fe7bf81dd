//go:build linux

package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Crowd is clients that are connected. Its methods may be called by any goroutine.
type Crowd struct {
	epoll  int
	closed atomic.Bool
	done   chan struct{} // closed when nobody reads any more

	mu    sync.Mutex
	conns []*conn
	count Count
}

// Count is what has arrived.
type Count struct {
	// Messages is how many marks were seen, or how many echoes, and Latency from their
	// sending to their being read here.
	Messages int64
	Latency  Histogram
	// Reads is how often something was read, and Bytes how much it was.
	Reads, Bytes int64
	// Gone is how many connections have ended, and Why tells of the first.
	Gone int
	Why  string
}

// conn is one client. After it is registered, only the goroutine that reads has it.
type conn struct {
	fd int
	// take deals with what has arrived; what it finds is added to the count.
	take func(data []byte, now time.Time, found *Count) error
}

// dialing is how many connections are opened at the same time.
const dialing = 16

// Open connects so many clients, each to what target returns for its number, and counts
// marks from then on.
func Open(ctx context.Context, clients int, target func(i int) Target) (*Crowd, error) {
	return open(ctx, clients, target, (*conn).listen)
}

// open connects clients, and has begin prepare each of them.
func open(ctx context.Context, clients int, target func(i int) Target, begin func(c *conn, target Target, early []byte) error) (*Crowd, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &Crowd{epoll: epoll, done: make(chan struct{})}
	go c.run()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var dialers sync.WaitGroup
	for range min(dialing, clients) {
		dialers.Go(func() {
			for i := int(next.Add(1)); i <= clients && ctx.Err() == nil; i = int(next.Add(1)) {
				if err := c.join(ctx, target(i-1), begin); err != nil {
					cancel(fmt.Errorf("client %d of %d: %w", i, clients, err))
				}
			}
		})
	}
	dialers.Wait()
	if ctx.Err() != nil {
		c.Close()
		return nil, context.Cause(ctx)
	}
	return c, nil
}

// join connects one.
func (c *Crowd) join(ctx context.Context, target Target, begin func(*conn, Target, []byte) error) error {
	fd, early, err := dial(ctx, target)
	if err != nil {
		return err
	}
	one := &conn{fd: fd}
	if err := begin(one, target, early); err != nil {
		return errors.Join(err, syscall.Close(fd))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	index := int32(len(c.conns))
	c.conns = append(c.conns, one)
	return syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: index})
}

// listen has a client count marks, and answer pings.
func (one *conn) listen(target Target, early []byte) error {
	var found *Count
	var now time.Time
	var seen marks
	mark := func(sent int64) {
		found.Messages++
		found.Latency.Add(time.Duration(now.UnixNano() - sent))
	}
	var follow frames
	var ended error
	control := func(opcode byte, payload []byte) {
		switch opcode {
		case opPing:
			_, ended = syscall.Write(one.fd, clientFrame(opPong, payload))
		case opClose:
			ended = fmt.Errorf("closed by the server: %q", payload)
		}
	}
	one.take = func(data []byte, at time.Time, count *Count) error {
		found, now = count, at
		seen.scan(data, mark)
		if target.Path != "" {
			follow.feed(data, control)
		}
		return ended
	}
	return one.take(early, time.Now(), new(Count))
}

// Times of reading.
const (
	events   = 256 // that epoll tells of at a time
	look     = 50  // milliseconds until it looks whether to end
	readSize = 256 << 10
)

// run reads until the crowd is closed.
func (c *Crowd) run() {
	defer close(c.done)
	buffer := make([]byte, readSize)
	ready := make([]syscall.EpollEvent, events)
	for !c.closed.Load() {
		n, err := syscall.EpollWait(c.epoll, ready, look)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			panic(err) // a mistake of ours: there is nothing that it could fail from
		}
		c.mu.Lock()
		for _, event := range ready[:max(0, n)] {
			c.read(c.conns[event.Fd], buffer)
		}
		c.mu.Unlock()
	}
}

// read reads once what there is of one connection.
func (c *Crowd) read(one *conn, buffer []byte) {
	n, err := syscall.Read(one.fd, buffer)
	switch {
	case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
		return
	case err == nil && n == 0:
		err = errors.New("cut by the server")
	case err == nil:
		c.count.Reads++
		c.count.Bytes += int64(n)
		err = one.take(buffer[:n], time.Now(), &c.count)
	}
	if err == nil {
		return
	}
	c.count.Gone++
	if c.count.Why == "" {
		c.count.Why = err.Error()
	}
	_ = syscall.Close(one.fd) // which epoll notices
	one.fd = -1
}

// Count returns what has arrived since the beginning, or since Reset.
func (c *Crowd) Count() Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// Reset begins to count anew, but for who has gone.
func (c *Crowd) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count = Count{Gone: c.count.Gone, Why: c.count.Why}
}

// Close cuts all connections, and returns when nobody reads any more.
func (c *Crowd) Close() {
	c.closed.Store(true)
	<-c.done
	for _, one := range c.conns {
		if one.fd >= 0 {
			_ = syscall.Close(one.fd) // nothing is waited for
		}
	}
	_ = syscall.Close(c.epoll)
}
