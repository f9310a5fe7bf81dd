// Package testenv gives tests the real things that Cartline runs on: a
// PostgreSQL server, the program as it is shipped, and a browser.
//
// It exists so that no test has to replace them by something easier. What is
// missing on the machine makes the test fail with a sentence that says what to
// install; nothing here ever skips a test. Nothing here may be imported by
// code that ships, and nothing here knows the rules of carts.
//
// Every package whose tests use it, or that starts goroutines, hands its
// TestMain over:
//
//	func TestMain(m *testing.M) { testenv.Main(m) }
//
// Start reading at [Main], then [Postgres], [StartServer] and [Browser]. All
// functions may be called from parallel tests. A service that several tests
// share is started on first use, once per test process, and is stopped by
// [Main]; should the test process be killed, the kernel stops it.
package testenv

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Main runs the tests of a package, stops the services that they shared and
// then fails if a goroutine is left over. It ends the process, so it must be
// the last statement of TestMain.
//
// The options name goroutines that are known to outlive the tests. Each needs
// a comment where it is given that says why it may: by default none may.
func Main(m *testing.M, ignore ...goleak.Option) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	// After a failure leaks are likely a consequence, and would only bury it.
	if code == 0 {
		if err := goleak.Find(ignore...); err != nil {
			fmt.Fprintln(os.Stderr, "testenv: goroutines are left over:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Eventually waits until cond holds and fails the test at once when it does
// not within the timeout; what finishes the sentence "timed out waiting for".
// It asks every few milliseconds, from the goroutine of the test. Use it where
// nothing tells that the condition came true; a channel is better.
func Eventually(t testing.TB, timeout time.Duration, what string, cond func() bool) {
	t.Helper()
	if !poll(timeout, cond) {
		t.Fatalf("timed out after %v waiting for %s", timeout, what)
	}
}

// pollInterval is short beside what a person or a test budget notices and long
// beside what a check costs.
const pollInterval = 10 * time.Millisecond

// poll reports whether cond came true within the timeout. It asks at least
// once, and once more when the time is up, so that a slow check on a busy
// machine is not taken for a failure.
func poll(timeout time.Duration, cond func() bool) bool {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !cond() {
		select {
		case <-deadline.C:
			return cond()
		case <-tick.C:
		}
	}
	return true
}

// shared is what the tests of this process started in common.
var shared services

// services remembers how to stop what was started, the last first.
type services struct {
	mu    sync.Mutex
	stops []func() error
}

// AtEnd has [Main] do something once the tests of this process are over, like removing
// what several of them shared.
func AtEnd(do func() error) { shared.onStop(do) }

func (s *services) onStop(stop func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, stop)
}

// stop stops everything even when one part fails, and returns the first error.
func (s *services) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first error
	for len(s.stops) > 0 {
		last := len(s.stops) - 1
		if err := s.stops[last](); err != nil && first == nil {
			first = err
		}
		s.stops = s.stops[:last]
	}
	return first
}
