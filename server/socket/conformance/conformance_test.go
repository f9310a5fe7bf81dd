package conformance_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cartline/server/socket"
	"cartline/server/socket/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEcho runs every case against the real endpoint.
func TestEcho(t *testing.T) {
	echo := socket.NewEcho(socket.EchoConfig{
		Limit: conformance.EchoLimit,
		Log:   slog.New(slog.DiscardHandler),
	})
	server := httptest.NewServer(echo)
	t.Cleanup(func() {
		server.Close()
		if err := echo.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	dialer := conformance.Dialer{
		Address:  server.Listener.Addr().String(),
		Greeting: socket.EchoGreeting,
	}
	for _, c := range conformance.Cases() {
		t.Run(c.Number, func(t *testing.T) {
			t.Parallel()
			if err := c.Run(t.Context(), dialer); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCases compares the number of cases per section with the original's: 301 in
// all.
func TestCases(t *testing.T) {
	want := map[string]int{"1": 16, "2": 11, "3": 7, "4": 10, "5": 20, "6": 145, "7": 37, "9": 54, "10": 1}
	got := map[string]int{}
	seen := map[string]bool{}
	for _, c := range conformance.Cases() {
		section, _, _ := strings.Cut(c.Number, ".")
		got[section]++
		if seen[c.Number] {
			t.Errorf("%s occurs twice", c.Number)
		}
		seen[c.Number] = true
		if c.Intent == "" {
			t.Errorf("%s says nothing about its intent", c.Number)
		}
	}
	for section, n := range want {
		if got[section] != n {
			t.Errorf("section %s: got %d cases, want %d", section, got[section], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d sections, want %d", len(got), len(want))
	}
}
