package testenv_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

// useStandIn makes this test binary the program that StartServer runs.
func useStandIn(t *testing.T) {
	t.Helper()
	t.Setenv("CARTLINE_BINARY", testBinary(t))
}

func testBinary(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStartServer(t *testing.T) {
	useStandIn(t)
	t.Setenv("CARTLINE_DEMO", "a setting of mine")
	s := testenv.StartServer(t, testenv.ServerOptions{Env: []string{"ROLE=good"}})
	if got, want := s.Version, "v1.2.3"; got != want {
		t.Errorf("Version = %q, want %q", got, want)
	}
	if strings.Contains(s.Output(), "a setting of mine") {
		t.Error("the server got a CARTLINE_ setting of the one who runs the tests")
	}

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(s.BaseURL + "/log?text=" + url.QueryEscape("cart 7 opened"))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	s.WaitLog(t, "cart 7 opened")

	s.Stop(t)
	if _, err := client.Get(s.BaseURL + "/healthz"); err == nil {
		t.Error("the server still answers after Stop")
	}
}

func TestServerKill(t *testing.T) {
	useStandIn(t)
	s := testenv.StartServer(t, testenv.ServerOptions{Env: []string{"ROLE=good"}})
	s.Kill()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, err := client.Get(s.BaseURL + "/healthz"); err == nil {
		t.Error("the server still answers after Kill")
	}
}

// An end with another status than 0 fails the test, although it only shows in
// the clean-up.
func TestServerBadEnd(t *testing.T) {
	useStandIn(t)
	v := &verdict{TB: t}
	testenv.StartServer(v, testenv.ServerOptions{Env: []string{"ROLE=bad end"}, Dir: t.TempDir()})
	v.end()
	if got, want := strings.Join(v.failed, "; "), "the server did not end in order: exit status 1"; got != want {
		t.Errorf("failures = %q, want %q", got, want)
	}
}

// A program that refuses its flags fails the test with what it said.
func TestServerBadFlag(t *testing.T) {
	useStandIn(t)
	v := &verdict{TB: t}
	v.run(func() {
		testenv.StartServer(v, testenv.ServerOptions{Env: []string{"ROLE=bad flag"}, Dir: t.TempDir()})
	})
	if got, want := strings.Join(v.failed, "; "), "unknown flag --wrong"; !strings.Contains(got, want) {
		t.Errorf("failures = %q, want %q in it", got, want)
	}
}

// A child ends with the process that started it, even when that is killed. The
// child holds the pipe open, so its end shows as the end of what can be read.
func TestProcessEndsWithParent(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	parent := exec.Command(testBinary(t))
	parent.Env = append(os.Environ(), "ROLE=parent of a sleeper")
	parent.Stdout, parent.Stderr = w, os.Stderr
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(r)
	if line, err := out.ReadString('\n'); line != "started\n" {
		t.Fatalf("the parent wrote %q, %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the parent ended by itself")
	}
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(out); err != nil {
		t.Errorf("the child outlived its parent: %v", err)
	}
}
