package main

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

var profilesPattern = regexp.MustCompile(`  Profiles   (http://\S+/debug/pprof/)\n`)

// look fetches something without cookies, over a connection of its own.
func look(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// Profiles are served where it was asked for, and nowhere else.
func TestMetricsListener(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"off", nil},
		{"on", []string{"--metrics-listen", "127.0.0.1:0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, append(test.args, "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))...)
			for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/cmdline", "/debug/pprof/trace", "/metrics"} {
				if status, _ := look(t, s.url+path); status != http.StatusNotFound {
					t.Errorf("%s at the public address: got %d, want 404", path, status)
				}
			}
			found := profilesPattern.FindStringSubmatch(s.out.String())
			if (found != nil) != (test.args != nil) {
				t.Fatalf("got %q", s.out.String())
			}
			if found == nil {
				return
			}
			for path, want := range map[string]int{
				"": 200, "goroutine?debug=1": 200, "heap": 200, "profile?seconds=1": 200, "symbol": 200,
				"cmdline": 404, "../../healthz": 404, "../../api/products": 404, "../../": 404,
			} {
				status, body := look(t, found[1]+path)
				if status != want || want == 200 && body == "" {
					t.Errorf("%q: got %d and %d bytes, want %d", path, status, len(body), want)
				}
			}
		})
	}
}

// A profile that takes long is given up when the server stops, and the address is
// free again.
func TestMetricsListenerStops(t *testing.T) {
	s := start(t, "--metrics-listen", "127.0.0.1:0", "--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	found := profilesPattern.FindStringSubmatch(s.out.String())
	if found == nil {
		t.Fatalf("got %q", s.out.String())
	}
	taken := make(chan error, 1)
	go func() {
		client := &http.Client{Timeout: 4 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Get(found[1] + "trace?seconds=200")
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		taken <- err
	}()
	testenv.Eventually(t, patience, "a trace to be under way", func() bool {
		_, stacks := look(t, found[1]+"goroutine?debug=1")
		return strings.Contains(stacks, "pprof.Trace")
	})
	s.end(t)
	<-taken // whole or cut off, but not after minutes
	if strings.Contains(s.log.String(), "did not stop in time") {
		t.Errorf("got the log\n%s", s.log.String())
	}
	address := strings.TrimSuffix(strings.TrimPrefix(found[1], "http://"), "/debug/pprof/")
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

// An address that is taken, by the public listener at that, is one line that says
// which flag means it, and nothing is left open.
func TestMetricsListenerTaken(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	address := other.Addr().String()
	status, stdout, stderr := call(t, "", "--listen", "127.0.0.1:0", "--metrics-listen", address,
		"--database", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	if status != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 ||
		!strings.Contains(stderr, "can't listen on "+address+" for --metrics-listen") || !strings.Contains(stderr, "in use") {
		t.Errorf("got status %d, %q, %q", status, stdout, stderr)
	}
}
