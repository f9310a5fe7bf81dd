package httplog_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cartline/server/httplog"
	"cartline/server/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// serve starts a server that logs to the Log.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *testenv.Log) {
	t.Helper()
	log := testenv.NewLog()
	server := httptest.NewServer(httplog.Handler(handler, log.Logger()))
	t.Cleanup(server.Close)
	return server, log
}

func TestHandler(t *testing.T) {
	tests := []struct {
		name, method string
		handler      http.HandlerFunc
		status       int
		logged       int
		level, user  string
	}{
		{name: "plain", handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello")
		}, status: 200, level: "INFO"},
		{name: "nothing written", handler: func(http.ResponseWriter, *http.Request) {}, status: 200, level: "INFO"},
		{name: "another method", method: "DELETE", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
		}, status: 204, level: "INFO"},
		{name: "known user", handler: func(_ http.ResponseWriter, r *http.Request) {
			httplog.SetUser(r, "ann")
		}, status: 200, level: "INFO", user: "ann"},
		{name: "quiet", handler: func(_ http.ResponseWriter, r *http.Request) {
			httplog.Quiet(r)
		}, status: 200, level: "DEBUG"},
		{name: "quiet, but our fault", handler: func(w http.ResponseWriter, r *http.Request) {
			httplog.Quiet(r)
			w.WriteHeader(500)
		}, status: 500, level: "ERROR"},
		{name: "turned away", handler: func(w http.ResponseWriter, r *http.Request) {
			httplog.TurnedAway(r)
			w.WriteHeader(503)
		}, status: 503, level: "DEBUG"},
		{name: "a panic while it is turned away", handler: func(_ http.ResponseWriter, r *http.Request) {
			httplog.TurnedAway(r)
			panic("some cause")
		}, status: 500, level: "ERROR"},
		{name: "the first status counts", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(404)
		}, status: 404, level: "INFO"},
		{name: "our fault", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
		}, status: 503, level: "ERROR"},
		{name: "panic", handler: func(http.ResponseWriter, *http.Request) {
			panic("some cause")
		}, status: 500, level: "ERROR"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, log := serve(t, test.handler)
			method := test.method
			if method == "" {
				method = "GET"
			}
			r, err := http.NewRequest(method, server.URL+"/some/path?secret=1", strings.NewReader("secret"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Cookie", "secret=1")
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Errorf("got status %d, want %d", response.StatusCode, test.status)
			}
			record := log.Wait(t, "request", 1)[0]
			got := fmt.Sprintln(record["level"], record["method"], record["path"], record["status"], record["user"], record["remote"])
			want := fmt.Sprintln(test.level, method, "/some/path", test.status, test.user, "127.0.0.1")
			if got != want {
				t.Errorf("got record %s want        %s", got, want)
			}
			if d, ok := record["duration"].(float64); !ok || d <= 0 {
				t.Errorf("got duration %v, want one", record["duration"])
			}
			if strings.Contains(log.String(), "secret") {
				t.Errorf("the log tells query, header or body:\n%s", log)
			}
			if strings.Contains(string(body), "cause") {
				t.Errorf("the answer tells the cause: %q", body)
			}
		})
	}
}

func TestHandlerLogsPanic(t *testing.T) {
	server, log := serve(t, func(http.ResponseWriter, *http.Request) { panic("some cause") })
	response, err := server.Client().Get(server.URL + "/there")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	record := log.Wait(t, "panic", 1)[0]
	stack, _ := record["stack"].(string)
	if record["cause"] != "some cause" || record["path"] != "/there" || !strings.Contains(stack, "httplog_test.go") {
		t.Errorf("got %v, want cause, path and stack", record)
	}
}

// TestHandlerCutsAnswer ends a handler in the middle of its answer, on purpose and
// not. The client must not take the half for the whole.
func TestHandlerCutsAnswer(t *testing.T) {
	for _, test := range []struct {
		name   string
		cause  any
		panics int
	}{
		{"ErrAbortHandler", http.ErrAbortHandler, 0},
		{"panic", "some cause", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, log := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half of")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Errorf("Flush: %v", err)
				}
				panic(test.cause)
			})
			response, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "half of" {
				t.Errorf("got %q, %v, want half of the answer and ErrUnexpectedEOF", body, err)
			}
			if record := log.Wait(t, "request", 1)[0]; record["level"] != "ERROR" || record["status"] != 200.0 {
				t.Errorf("got %v, want an error with status 200", record)
			}
			if got := len(log.Records("panic")); got != test.panics {
				t.Errorf("got %d panics logged, want %d", got, test.panics)
			}
		})
	}
}

// TestHandlerHijack takes the connection over, as a WebSocket does.
func TestHandlerHijack(t *testing.T) {
	server, log := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Upgrade", "thing")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		_, err = io.WriteString(conn, "taken over")
		if err := errors.Join(err, conn.Close()); err != nil {
			t.Error(err)
		}
	})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: thing\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v, want 101", response, err)
	}
	if rest, err := io.ReadAll(reader); string(rest) != "taken over" || err != nil {
		t.Errorf("got %q, %v, want what the handler wrote", rest, err)
	}
	if got := log.Wait(t, "request", 1)[0]["status"]; got != 101.0 {
		t.Errorf("got status %v, want 101", got)
	}
}

func TestSetUserWithoutHandler(t *testing.T) {
	httplog.SetUser(httptest.NewRequest("GET", "/", nil), "ann") // must not panic
}

func TestRemoteHost(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:1234":   "192.0.2.1",
		"[2001:db8::1]:80": "2001:db8::1",
		"@":                "@", // a Unix socket
		"":                 "",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = address
		if got := httplog.RemoteHost(r); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
