package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/demo"
	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// TestMain takes the settings of whoever runs the tests out of the environment.
func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "CARTLINE_") && !strings.HasPrefix(name, "CARTLINE_TEST_") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	testenv.Main(m)
}

// beProgram makes the test binary the program; see TestSecondSignal.
const beProgram = "CARTLINE_TEST_PROGRAM"

// patience is how long a test waits for what must happen.
const patience = 90 * time.Second

// output is what a program writes. It may be read meanwhile.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// call runs the program to its end.
func call(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, err output
	status = run(ctx, args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

// must runs the program, which must succeed, and returns what it writes.
func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	status, stdout, stderr := call(t, stdin, args...)
	if status != 0 || stderr != "" {
		t.Fatalf("cartline %s: got status %d, %s", strings.Join(args, " "), status, stderr)
	}
	return stdout
}

// serving is a program that serves.
type serving struct {
	url      string
	out, log output
	stop     context.CancelFunc
	done     chan struct{}
	status   int // once done
}

var (
	listeningPattern = regexp.MustCompile(`^Cartline \S+ listening on (http://\S+)\n`)
	passwordPattern  = regexp.MustCompile(`as  ` + demo.Username + `  with the password  (\S+)\n`)
)

// start serves on a port of its own until the test ends, when the program must
// end in order.
func start(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &serving{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.status = run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), &s.out, &s.log)
	}()
	t.Cleanup(func() {
		s.end(t)
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log.String())
		}
	})
	var found []string
	testenv.Eventually(t, patience, "the server to listen", func() bool {
		found = listeningPattern.FindStringSubmatch(s.out.String())
		return found != nil || s.ended()
	})
	if found == nil {
		t.Fatalf("the server ended at once, with status %d:\n%s", s.status, s.log.String())
	}
	s.url = found[1]
	return s
}

func (s *serving) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// end stops the program as SIGTERM does.
func (s *serving) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatal("the server doesn't end")
	}
	if s.status != 0 {
		t.Errorf("the server ended with status %d", s.status)
	}
}

func (s *serving) waitLog(t *testing.T, part string) {
	t.Helper()
	testenv.Eventually(t, patience, part+" in the log", func() bool { return strings.Contains(s.log.String(), part) })
}

// visitor is a browser with cookies of its own.
type visitor struct {
	*serving
	client *http.Client
}

func (s *serving) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is kept would be a goroutine left over.
	return &visitor{s, &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// ask sends a request of JSON, and decodes the answer into value unless that is
// nil.
func (v *visitor) ask(t *testing.T, method, path, body string, value any) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, v.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if value != nil {
		if err := json.Unmarshal(got, value); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: got %d %s: %v", method, path, response.StatusCode, got, err)
		}
	}
	return response
}

// try is ask that takes every answer for what it is.
func (v *visitor) try(t *testing.T, method, path, body string) (status int, answer []byte) {
	t.Helper()
	r, err := http.NewRequest(method, v.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// signIn signs in, and returns the status.
func (v *visitor) signIn(t *testing.T, username, password string) int {
	t.Helper()
	body, err := json.Marshal(shared.SignIn{Username: username, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return v.ask(t, "POST", "/api/staff/session", string(body), nil).StatusCode
}

// signInDemo signs in with what was printed.
func (v *visitor) signInDemo(t *testing.T) {
	t.Helper()
	found := passwordPattern.FindStringSubmatch(v.out.String())
	if found == nil {
		t.Fatalf("there is no password in\n%s", v.out.String())
	}
	if got := v.signIn(t, demo.Username, found[1]); got != http.StatusOK {
		t.Fatalf("sign-in: got %d", got)
	}
}

// wsClient is an open connection.
type wsClient struct {
	*live.Conn
	ctx context.Context
}

// dial opens a socket with the visitor's cookies, from a page of ours unless
// origin names another or is "none".
func (v *visitor) dial(t *testing.T, path, origin string) (*wsClient, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	address, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for _, c := range v.client.Jar.Cookies(address) {
		header.Add("Cookie", c.String())
	}
	switch origin {
	case "":
		header.Set("Origin", v.url)
	case "none":
	default:
		header.Set("Origin", origin)
	}
	conn, err := live.Dial(ctx, v.url+path, live.Options{Header: header})
	if err != nil {
		return nil, err
	}
	t.Cleanup(conn.Abandon)
	return &wsClient{conn, ctx}, nil
}

// open is dial, which must succeed.
func (v *visitor) open(t *testing.T, path string) *wsClient {
	t.Helper()
	s, err := v.dial(t, path, "")
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

func (s *wsClient) send(t *testing.T, text string) {
	t.Helper()
	if err := s.WriteText(s.ctx, text); err != nil {
		t.Fatal(err)
	}
}

func (s *wsClient) next(t *testing.T) string {
	t.Helper()
	message, err := s.Read(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(message.Data)
}

// listen listens to a channel, and takes the answer.
func (s *wsClient) listen(t *testing.T, channel string) {
	t.Helper()
	s.send(t, `{"listen":"`+channel+`"}`)
	if got, want := s.next(t), `["listening",{"channel":"`+channel+`"`; !strings.HasPrefix(got, want) {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// wantClose waits until the connection ends with this code.
func (s *wsClient) wantClose(t *testing.T, code int) {
	t.Helper()
	var err error
	for err == nil {
		_, err = s.Read(s.ctx)
	}
	if closed, ok := err.(*live.CloseError); !ok || closed.Code != code {
		t.Errorf("got %v, want close code %d", err, code)
	}
}
