package wire

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"

	"cartline/server/internal/testenv"
)

// dialPlain connects without a client's buffers, so that what is measured is the server.
func dialPlain(t *testing.T, s *testServer) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.dialer.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	request := handshakeRequest()
	request.Host = s.dialer.Address
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, error %v, want status 101", response, err)
	}
	return conn
}

// held is what the heap and the stacks take, without what is garbage and what pools keep.
func held() (heap, stacks int64) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}

// TestIdleHoldsLittle has many connections answer a ping, and stay idle. They must not
// hold a buffer, or a stack that has grown.
func TestIdleHoldsLittle(t *testing.T) {
	const connections = 400
	var accepted []*Conn
	conns := make(chan *Conn, connections)
	server := serve(t, Options{}, func(c *Conn) {
		conns <- c
		_, _ = c.Next() // It ends in an error.
	})
	before := runtime.NumGoroutine()
	heap, stacks := held()
	pong := frame(opPong, false, "").Bytes()
	for range connections {
		conn := dialPlain(t, server)
		c := receive(t, conns, "the connection")
		accepted = append(accepted, c)
		if !c.Ping() {
			t.Fatal("no ping was sent")
		}
		if _, err := io.ReadFull(conn, make([]byte, len(pingFrame))); err != nil {
			t.Fatal(err)
		}
		arrived := c.Arrivals()
		if _, err := conn.Write(pong); err != nil {
			t.Fatal(err)
		}
		arrives(t, c, arrived)
	}
	testenv.Eventually(t, patience, "the handshakes to be over", func() bool {
		return runtime.NumGoroutine() <= before+connections+1
	})
	heapNow, stacksNow := held()
	heapEach, stackEach := (heapNow-heap)/connections, (stacksNow-stacks)/connections
	t.Logf("each holds %d bytes of heap, the client's end included, and %d of stack", heapEach, stackEach)
	if most := int64(4 << 10); heapEach > most {
		t.Errorf("got %d bytes of heap for each, want at most %d", heapEach, most)
	}
	if heapEach < 500 {
		t.Errorf("got %d bytes of heap for each, so something was measured that isn't there", heapEach)
	}
	// A goroutine begins with 2 KiB; the race detector needs more.
	if most := int64(5 << 10); stackEach > most {
		t.Errorf("got %d bytes of stack for each, want at most %d", stackEach, most)
	}
	runtime.KeepAlive(accepted)
}
