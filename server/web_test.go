package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

func decode(t *testing.T, body io.Reader, value any) {
	t.Helper()
	if err := json.NewDecoder(body).Decode(value); err != nil {
		t.Fatal(err)
	}
}

// TestWebSlowHeader has a client send its request a byte at a time, as an attack does
// that wants to hold many connections. It is cut when the time is up, which is
// shortened here, whatever it sends meanwhile.
func TestWebSlowHeader(t *testing.T) {
	web := newWeb(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if got := web.ReadHeaderTimeout; got < 5*time.Second || got > 10*time.Second {
		t.Errorf("a request's header may take %v, want some seconds", got)
	}
	web.ReadHeaderTimeout /= 100
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = web.Serve(listener) }) // it ends with an error by definition
	defer serving.Wait()
	defer web.Close()
	conn := silent(t, listener.Addr())
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for err == nil {
		if time.Since(began) > patience {
			t.Fatal("it may go on for ever")
		}
		<-tick.C
		_, err = io.WriteString(conn, "x")
	}
}

// TestSecondSignal waits for a request that is under way, but not when it is told to
// stop once more.
func TestSecondSignal(t *testing.T) {
	var out, log output
	program := exec.Command(os.Args[0], "--listen", "127.0.0.1:0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	program.Env = append(os.Environ(), beProgram+"=1")
	program.Stdout, program.Stderr = &out, &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	defer func() {
		_ = program.Process.Kill() // it has ended, unless the test has failed
	}()
	testenv.Eventually(t, patience, "the server to listen", func() bool { return listeningPattern.MatchString(out.String()) })
	address := strings.TrimPrefix(listeningPattern.FindStringSubmatch(out.String())[1], "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "PUT /api/cart/lines/MUG-BLUE HTTP/1.1\r\nHost: " + address + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 100 Continue"))); err != nil {
		t.Fatal(err)
	}
	for _, logged := range []string{"msg=stopping", ""} {
		if err := program.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "it to begin to stop", func() bool { return strings.Contains(log.String(), logged) })
	}
	select {
	case err := <-ended:
		if status := program.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGTERM {
			t.Errorf("got %v, want that the second signal has killed it", err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
}

// TestServeDrain stops a server with some clients. When the first is told to go, the
// pages are still served, what is changed still reaches those who listen, and nobody
// new may.
func TestServeDrain(t *testing.T) {
	const clients = 100 // 10 ms each
	s := start(t, "--max-connections-per-user", "0", "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	v := s.visitor(t)
	v.signInDemo(t)
	shopper := s.visitor(t)
	shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, new(shared.Cart))
	told, heard := make(chan struct{}, clients), make(chan bool, clients)
	for range clients {
		c := v.open(t, "/events/io")
		c.listen(t, shared.ChannelCartActivity)
		go func() {
			activities := 0
			for {
				_, err := c.Read(c.ctx)
				if err == nil {
					activities++
					continue
				}
				var closed *live.CloseError
				if !errors.As(err, &closed) || closed.Code != 1001 {
					t.Errorf("got %v, want close code 1001", err)
				}
				told <- struct{}{}
				heard <- activities > 0
				return
			}
		}()
	}
	s.stop()
	<-told
	if got := shopper.ask(t, "DELETE", "/api/cart/lines/MUG-BLUE", "", nil).StatusCode; got != http.StatusOK {
		t.Errorf("a change while sockets are told to go: got %d", got)
	}
	var refused *live.RefusedError
	if _, err := v.dial(t, "/events/io", ""); !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable {
		t.Errorf("a handshake: got %v, want it refused with %d", err, http.StatusServiceUnavailable)
	}
	if got := askWhy(t, v, "/events/io"); got.Code != shared.CodeUnavailable || !strings.Contains(got.Detail, "shutting down") {
		t.Errorf("a page asks why: got %+v", got)
	}
	late := 0
	for range clients {
		if <-heard {
			late++
		}
	}
	if late == 0 {
		t.Error("nobody heard of a change that came after the first was told to go")
	}
	s.end(t)
	if strings.Contains(s.log.String(), "did not stop in time") {
		t.Error("it took too long")
	}
}
