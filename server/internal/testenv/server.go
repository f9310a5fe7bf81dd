package testenv

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// serverStartTimeout covers migrating a database on a busy machine.
	serverStartTimeout = 90 * time.Second

	// serverStopTimeout is how long the program may take to end in order.
	serverStopTimeout = 90 * time.Second
)

// Binary returns the path of the program as it is shipped: what
// CARTLINE_BINARY names, which "make test" sets, or else bin/cartline of this
// module. It fails the test when nothing is there. It cannot tell whether the
// program belongs to the sources of today; make builds it anew.
func Binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("CARTLINE_BINARY")
	if path == "" {
		path = filepath.Join(moduleRoot(t), "bin", "cartline")
	}
	// Looking at it also tells go test to run the tests again when it changes.
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the program is needed for this test, run make build first: %v", err)
	}
	return path
}

// moduleRoot returns the folder that has the go.mod: go test runs a package's
// tests in the package's folder, which is below it.
func moduleRoot(t testing.TB) string {
	t.Helper()
	root, err := findModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

var findModuleRoot = sync.OnceValues(func() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no go.mod in %s or above", start)
		}
	}
})

// ServerOptions say how to run the program. The zero value runs it as a user
// would who gives no flags, in an empty folder.
type ServerOptions struct {
	// Args follow "--listen 127.0.0.1:0" on the command line.
	Args []string

	// Env is added to the environment, as NAME=value. The CARTLINE_ settings
	// of whoever runs the tests are taken out of it.
	Env []string

	// Dir is the working directory, where the default database is made.
	// Default: a temporary one. Two servers in one folder share a database.
	Dir string
}

// Server is a running program. Its methods may be called by several
// goroutines, except for Stop and Kill.
type Server struct {
	BaseURL string // http://127.0.0.1:PORT
	Version string // as it tells on its first line

	proc    *process
	out     Output // standard output
	log     Output // standard error
	stopped bool
}

// listening is the first line that the program writes.
var listening = regexp.MustCompile(`^Cartline (\S+) listening on (http://\S+)\n`)

// StartServer runs the shipped program on a free port and returns when it
// answers on /healthz. When the test ends, the program is stopped as by Stop,
// so that every test also checks an orderly end; after a failure the end of
// its log is told.
func StartServer(t testing.TB, opts ServerOptions) *Server {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	cmd := exec.Command(Binary(t), append([]string{"--listen", "127.0.0.1:0"}, opts.Args...)...)
	cmd.Dir = opts.Dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CARTLINE_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, opts.Env...)
	s := &Server{}
	cmd.Stdout, cmd.Stderr = &s.out, &s.log
	tieToParent(cmd, syscall.SIGKILL)
	proc, err := startProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	s.proc = proc
	t.Cleanup(func() {
		if !s.stopped {
			s.Stop(t)
		}
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", tail(s.log.String(), 60))
		}
	})

	var first []string
	Eventually(t, serverStartTimeout, "the server to say where it listens", func() bool {
		first = listening.FindStringSubmatch(s.out.String())
		return first != nil || s.proc.ended()
	})
	if first == nil {
		s.stopped = true
		t.Fatalf("the server ended at once: %v\n%s%s", s.proc.err, s.out.String(), s.log.String())
	}
	s.Version, s.BaseURL = first[1], first[2]
	// A connection that is kept would be a goroutine left over.
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var last string
	healthy := poll(serverStartTimeout, func() bool {
		resp, err := client.Get(s.BaseURL + "/healthz")
		if err != nil {
			last = err.Error()
			return s.proc.ended()
		}
		last = resp.Status
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	if !healthy || s.proc.ended() {
		t.Fatalf("the server does not answer on /healthz: %s", last)
	}
	return s
}

// Output returns what the program wrote to standard output so far.
func (s *Server) Output() string { return s.out.String() }

// Log returns what the program logged so far, which is its standard error.
func (s *Server) Log() string { return s.log.String() }

// WaitLog waits until the log contains part.
func (s *Server) WaitLog(t testing.TB, part string) {
	t.Helper()
	if !poll(waitTimeout, func() bool { return strings.Contains(s.log.String(), part) }) {
		t.Fatalf("timed out after %v waiting for %q in the server's log:\n%s", waitTimeout, part, tail(s.log.String(), 60))
	}
}

// Stop asks the program to end, as an operator or a service manager would
// (SIGTERM). The test fails when it takes more than ten seconds or ends with a
// status other than 0.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.stopped = true
	if err := s.proc.stop(syscall.SIGTERM, serverStopTimeout); err != nil {
		t.Errorf("the server did not end in order: %v", err)
	}
}

// Kill ends the program at once, as a crash would, and waits until it is gone.
func (s *Server) Kill() {
	s.stopped = true
	s.proc.kill()
}
