package ledger

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

// Gateway is the program as it ships, which is started again whenever it has ended, as
// a service manager would do. Kill and URL may be called by any goroutine.
type Gateway struct {
	// Address is HOST:PORT, the same for every process.
	Address string

	args   []string
	dir    string
	starts atomic.Int64

	starting sync.Mutex // held while a process is started, and while none may be

	mu      sync.Mutex
	present *testenv.Command // nil while there is none
}

// restartPause is how long nobody serves after a process has ended.
const restartPause = 20 * time.Millisecond

// NewGateway begins to run the program with a database. It ends with the test.
func NewGateway(t testing.TB, database string, args ...string) *Gateway {
	t.Helper()
	g := &Gateway{Address: testenv.FreeAddress(t), dir: t.TempDir()}
	g.args = append([]string{"--listen", g.Address, "--database", database, "--allow-no-origin"}, args...)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	failed := make(chan error, 1)
	program := binary(t)
	running.Go(func() { failed <- g.run(ctx, program) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := <-failed; err != nil {
			t.Errorf("the program can't be run: %v", err)
		}
		if t.Failed() {
			t.Logf("the end of the program's log:\n%s", g.logEnd())
		}
	})
	return g
}

// run starts the program again and again until the context ends.
func (g *Gateway) run(ctx context.Context, binary string) error {
	log, err := os.Create(g.logPath())
	if err != nil {
		return err
	}
	defer log.Close()
	for ctx.Err() == nil {
		process, err := g.launch(binary, log)
		if err != nil {
			return err
		}
		select {
		case <-process.Ended():
		case <-ctx.Done():
			process.Kill()
		}
		g.set(nil)
		pause(ctx, restartPause)
	}
	return nil
}

// launch starts the program.
func (g *Gateway) launch(binary string, log *os.File) (*testenv.Command, error) {
	cmd := exec.Command(binary, g.args...)
	cmd.Dir = g.dir
	cmd.Stdout, cmd.Stderr = log, log
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CARTLINE_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	g.starting.Lock()
	defer g.starting.Unlock()
	process, err := testenv.StartCommand(cmd)
	if err == nil {
		g.starts.Add(1)
		g.set(process)
	}
	return process, err
}

func (g *Gateway) set(process *testenv.Command) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.present = process
}

// Kill kills the present process (SIGKILL), wherever it stands, and returns when it is
// gone. It returns false if there is none.
func (g *Gateway) Kill() bool {
	process := g.process()
	if process != nil {
		process.Kill()
	}
	return process != nil
}

// KillAnd kills the present process, if there is one, and does something before the
// next is started.
func (g *Gateway) KillAnd(do func()) {
	g.starting.Lock()
	defer g.starting.Unlock()
	g.Kill()
	do()
}

// Terminate asks the present process to end (SIGTERM), and returns when it has. It
// returns false if there is none.
func (g *Gateway) Terminate() bool {
	process := g.process()
	if process != nil {
		process.Terminate()
		<-process.Ended()
	}
	return process != nil
}

func (g *Gateway) process() *testenv.Command {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.present
}

// Starts counts the processes so far.
func (g *Gateway) Starts() int { return int(g.starts.Load()) }

// URL is where the program serves.
func (g *Gateway) URL() string { return "http://" + g.Address }

// WaitReady waits until the program serves. It doesn't wait for one that ends over and
// over by itself.
func (g *Gateway) WaitReady(t testing.TB) {
	t.Helper()
	const mostStarts = 50
	before := g.Starts()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	testenv.Eventually(t, patience, "the program to serve", func() bool {
		if g.Starts() > before+mostStarts {
			t.Fatal("the program doesn't stay")
		}
		response, err := client.Get(g.URL() + "/healthz")
		return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
	})
}

func (g *Gateway) logPath() string { return filepath.Join(g.dir, "log") }

// logEnd returns the last part of what all processes wrote.
func (g *Gateway) logEnd() string {
	const most = 8000
	text, err := os.ReadFile(g.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// binary returns the path of the program: what CARTLINE_BINARY names, or else one that
// is built of the sources, once for the tests of this process.
func binary(t testing.TB) string {
	t.Helper()
	if os.Getenv("CARTLINE_BINARY") != "" {
		return testenv.Binary(t)
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "cartline-ledger-")
	if err != nil {
		return "", err
	}
	testenv.AtEnd(func() error { return os.RemoveAll(dir) })
	path = filepath.Join(dir, "cartline")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "cartline/server")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, nil
})
