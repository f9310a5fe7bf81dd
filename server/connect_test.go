package main

import (
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
	"cartline/shared"
	"cartline/shared/lab"
)

// typing is a program at whose standard input the test types.
type typing struct {
	keys     *io.PipeWriter
	out, err output
	stop     context.CancelFunc
	done     chan struct{}
	status   int // once done
}

// connect runs connect until the test ends it.
func connect(t *testing.T, args ...string) *typing {
	t.Helper()
	in, keys := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	p := &typing{keys: keys, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.status = run(ctx, append([]string{"connect"}, args...), in, &p.out, &p.err)
	}()
	t.Cleanup(func() {
		stop()
		_ = keys.Close() // never fails
		<-p.done
		if t.Failed() {
			t.Logf("standard output:\n%s\nstandard error:\n%s", p.out.String(), p.err.String())
		}
	})
	return p
}

func (p *typing) types(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(p.keys, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

func (p *typing) waitOut(t *testing.T, part string) {
	t.Helper()
	testenv.Eventually(t, patience, part, func() bool { return strings.Contains(p.out.String(), part) })
}

// interrupt ends it as Ctrl-C does.
func (p *typing) interrupt(t *testing.T) {
	t.Helper()
	p.stop()
	<-p.done
	if p.status != 0 {
		t.Errorf("got status %d, want 0", p.status)
	}
}

func (s *serving) websocket(path string) string {
	return "ws" + strings.TrimPrefix(s.url, "http") + path
}

// Lines go to our echo and come back.
func TestConnect(t *testing.T) {
	s := start(t, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	p := connect(t, "--slash", "--header", "X-One: 1", s.websocket("/echo"))
	p.types(t, "Grüße")
	p.types(t, "/hex 00 ff")
	p.waitOut(t, "Echo Initiated\nGrüße\nhex 00 ff\n")
	p.interrupt(t)
	if got := p.err.String(); got != "Connected.\nClosed with code 1000 (normal closure).\n" {
		t.Errorf("got %q", got)
	}
	s.waitLog(t, "code=1000 by=peer")

	status, stdout, _ := call(t, "", "connect", "--json", "--wait", "0", s.url+"/echo")
	entries, err := lab.DecodeRecording([]byte(stdout))
	if err != nil || status != 0 || len(entries) < 2 || entries[len(entries)-1].Code != 1000 {
		t.Errorf("got status %d, %v of %s", status, err, stdout)
	}
	for path, says := range map[string]string{
		"/events/io": "refused with 403 Forbidden: A request without an Origin is refused here.",
		"/nothing":   "refused with 404 Not Found",
	} {
		status, stdout, stderr := call(t, "", "connect", s.websocket(path))
		if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "cartline: "+s.websocket(path)+": "+says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got status %d, %q, %q; want 1 and one line that says %s", path, status, stdout, stderr, says)
		}
	}
	if status, _, stderr := call(t, "", "connect", "--origin", s.url, s.websocket("/events/io")); status != 1 || !strings.Contains(stderr, "403 Forbidden: Can't monitor events") {
		t.Errorf("got status %d, %q; want the server's sentence", status, stderr)
	}
}

// Staff sign in, see what happens in the shop, also after the server was away, and are
// signed out at the end.
func TestConnectListens(t *testing.T) {
	const password = "sesame pudding" // unlike "horse", no part of what a cart may be called
	database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	must(t, password+"\n", "staff", "add", "ann", "--role", "event_listener", "--database", database)
	address := testenv.FreeAddress(t) // which nobody gets while the server is away
	s := start(t, "--listen", address, "--demo", "--demo-shoppers", "0", "--database", database)
	p := connect(t, "--user", "ann", "--listen", shared.ChannelCartActivity, "--listen", "gateway", s.websocket("/events/io"))
	// At once, as a file would: what follows the password is sent.
	p.types(t, password+"\n"+`{"ping":"typed"}`)
	p.waitOut(t, `["listening",{"channel":"cart_activity"`)
	p.waitOut(t, `["pong","typed"]`)

	shopper := s.visitor(t)
	var catalogue shared.ProductList
	shopper.ask(t, "GET", "/api/products", "", &catalogue)
	put := func(sku string) { shopper.ask(t, "PUT", "/api/cart/lines/"+sku, `{"quantity":1}`, nil) }
	put(catalogue.Products[0].SKU)
	p.waitOut(t, `"cart_version":1`)

	s.end(t)
	testenv.Eventually(t, patience, "the end", func() bool { return strings.Contains(p.err.String(), "connecting again in") })
	again := start(t, "--listen", address, "--demo", "--demo-shoppers", "0", "--database", database)
	shopper.serving = again
	put(catalogue.Products[1].SKU)
	p.waitOut(t, `"cart_version":2`)
	if got := strings.Count(p.out.String(), `"kind":"line_added"`); got < 2 {
		t.Errorf("got %d changes, want both", got)
	}
	p.interrupt(t)
	again.waitLog(t, "path=/api/staff/session status=204")
	if strings.Contains(p.err.String()+p.out.String(), password) {
		t.Error("the password was told")
	}

	t.Setenv("CARTLINE_PASSWORD", password)
	url := again.websocket("/events/io")
	p = connect(t, "--user", "ann", url)
	p.types(t, `{"ping":"first line"}`)
	p.waitOut(t, `["pong","first line"]`)
	p.interrupt(t)
	t.Setenv("CARTLINE_PASSWORD", "wrong horse")
	status, _, stderr := call(t, "", "connect", "--user", "ann", url)
	if status != 1 || !strings.Contains(stderr, "sign in as ann: ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("got status %d, %q; want 1 and why", status, stderr)
	}
}

// Ctrl-C ends it also while it waits for a password.
func TestConnectInterruptedBeforeThePassword(t *testing.T) {
	p := connect(t, "--user", "ann", "ws://127.0.0.1:1/events/io")
	if _, err := io.WriteString(p.keys, "correct"); err != nil { // so that somebody reads
		t.Fatal(err)
	}
	p.stop()
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatal("it goes on waiting")
	}
	if p.status != 0 || p.out.String()+p.err.String() != "" {
		t.Errorf("got status %d, %q, %q; want 0 and nothing", p.status, p.out.String(), p.err.String())
	}
}

func TestEchoBench(t *testing.T) {
	s := start(t, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	status, stdout, stderr := call(t, "", "echo-bench", "--connections", "3", "--size", "100", "--duration", "1100ms", "--binary", "--json", s.websocket("/echo"))
	var r terminal.Result
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != 0 {
		t.Fatalf("got status %d, %v, %s, %s", status, err, stdout, stderr)
	}
	if r.Opened != 3 || r.Messages == 0 || r.OtherMessages != 3 || r.Size != 100 || !r.Binary || r.FirstFailure != "" {
		t.Errorf("got %+v", r)
	}
	if !strings.Contains(stderr, "  1 s  ") {
		t.Errorf("got %q, want the progress", stderr)
	}
	status, stdout, stderr = call(t, "", "echo-bench", "--duration", "100ms", s.websocket("/echo"))
	if status != 0 || !strings.Contains(stdout, "connections     10 open of 10\n") || !strings.Contains(stdout, "█") {
		t.Errorf("got status %d, %s, %s", status, stdout, stderr)
	}
	status, stdout, stderr = call(t, "", "echo-bench", "--duration", "100ms", s.websocket("/nothing"))
	if status != 1 || !strings.Contains(stdout, "0 open of 10") || !strings.Contains(stderr, "404 Not Found") {
		t.Errorf("got status %d, %s, %s; want 1 and why", status, stdout, stderr)
	}
}

func TestConnectHelp(t *testing.T) {
	help := must(t, "", "--help")
	for command, flags := range map[string]string{
		"connect":    "--listen --header --subprotocol --origin --user --json --slash --wait --timeout",
		"echo-bench": "--connections --size --duration --binary --json --header --subprotocol",
	} {
		own := must(t, "", command, "--help")
		for _, flag := range strings.Fields(flags) {
			if !strings.Contains(own, flag) {
				t.Errorf("%s --help lacks %s", command, flag)
			}
		}
		if !strings.Contains(help, "\n  "+command+" ") {
			t.Errorf("the help lacks %s", command)
		}
	}
}

// Each mistake is answered with one line that names it, and status 2, before anything
// is connected to.
func TestConnectUsage(t *testing.T) {
	const url = "ws://127.0.0.1:1/echo"
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"connect"}, "url"},
		{[]string{"connect", "localhost:8080/echo"}, "try ws://localhost:8080/echo"},
		{[]string{"connect", url + "#top"}, "fragment"},
		{[]string{"connect", "ws://ann:secret@host:port/"}, "port"},
		{[]string{"connect", "--header", "X", url}, "'Name: value'"},
		{[]string{"connect", "--header", "Host: x", url}, "Host is set"},
		{[]string{"connect", "--subprotocol", "a b", url}, "sub-protocol"},
		{[]string{"connect", "--subprotocol", "a", "--subprotocol", "a", url}, "more than once"},
		{[]string{"connect", "--origin", "a\nb", url}, "--origin"},
		{[]string{"connect", "--origin", "https://a.example", "--header", "Origin: https://b.example", url}, "not with both"},
		{[]string{"connect", "--listen", strings.Repeat("x", 64), url}, "--listen"},
		{[]string{"connect", "--listen", "", url}, "--listen"},
		{[]string{"connect", "--listen", "a", "--slash", url}, "--slash"},
		{[]string{"connect", "--timeout", "0s", url}, "--timeout"},
		{[]string{"connect", "--wait", "long", url}, "--wait"},
		{[]string{"connect", "--user", "ann", url}, "CARTLINE_PASSWORD"},
		{[]string{"echo-bench"}, "url"},
		{[]string{"echo-bench", "localhost/echo"}, "try ws://localhost/echo"},
		{[]string{"echo-bench", "--header", "X", url}, "'Name: value'"},
		{[]string{"echo-bench", "--connections", "0", url}, "--connections"},
		{[]string{"echo-bench", "--connections", "10001", url}, "--connections"},
		{[]string{"echo-bench", "--size", "0", url}, "--size"},
		{[]string{"echo-bench", "--size", strconv.Itoa(1<<20 + 1), url}, "--size"},
		{[]string{"echo-bench", "--size", strconv.Itoa(1 << 20), "--connections", "257", url}, "256 MiB"},
		{[]string{"echo-bench", "--duration", "0s", url}, "--duration"},
		{[]string{"echo-bench", "--duration", "11m", url}, "--duration"},
	} {
		status, stdout, stderr := call(t, "", test.args...)
		if status != 2 || stdout != "" || !strings.HasPrefix(stderr, "cartline: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.says) || strings.Contains(stderr, "secret") {
			t.Errorf("%q: got status %d, %q, %q; want 2 and one line that says %s", test.args, status, stdout, stderr, test.says)
		}
	}
}
