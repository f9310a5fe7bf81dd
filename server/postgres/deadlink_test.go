package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

// Of a link that has died without a word only a call that waits in vain can tell.
// One such call must be enough: the pool's other connections are as dead.
func TestDeadLinkIsFoundOutOnce(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	link := newLink(t, dsn)
	s := open(t, link.dsn+"&pool_min_conns=4&pool_max_conns=4")
	t.Cleanup(link.end) // before the store closes, which would wait for the dead
	direct := connect(t, dsn)
	testenv.Eventually(t, patience, "four connections", func() bool {
		var open int
		err := direct.QueryRow(t.Context(), `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'cartline'`).Scan(&open)
		return err == nil && open == 4
	})
	link.die()
	ask := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Revision(ctx)
		return err
	}
	if err := ask(); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("over the dead link: got %v, want that the time is up", err)
	}
	if err := ask(); err != nil {
		t.Errorf("after one call in vain: got %v, want an answer over a new connection", err)
	}
}

// link is a TCP proxy before the database whose connections can die: they stay
// open, and swallow everything. Later ones work.
type link struct {
	dsn string
	end func() // cuts everything, and waits for its goroutines

	mu   sync.Mutex
	dead chan struct{} // closed when the connections of this time have died
}

func newLink(t *testing.T, dsn string) *link {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	database := address.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address.Host = listener.Addr().String()
	query := address.Query()
	query.Set("connect_timeout", "5")
	address.RawQuery = query.Encode()
	l := &link{dsn: address.String(), dead: make(chan struct{})}

	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			server, err := net.Dial("tcp", database)
			if err != nil {
				t.Error(err)
				client.Close()
				return
			}
			l.mu.Lock()
			dead := l.dead
			l.mu.Unlock()
			running.Go(func() { carry(server, client, dead) })
			running.Go(func() { carry(client, server, dead) })
			running.Go(func() {
				<-ended
				client.Close()
				server.Close()
			})
		}
	})
	l.end = func() {
		close(ended)
		listener.Close()
		running.Wait()
	}
	return l
}

func (l *link) die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.dead)
	l.dead = make(chan struct{})
}

// carry copies what comes, and from the death on swallows it.
func carry(to, from net.Conn, dead <-chan struct{}) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-dead:
			_, _ = io.Copy(io.Discard, from) // until the test is over
			return
		default:
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			to.Close()
			return
		}
	}
}
