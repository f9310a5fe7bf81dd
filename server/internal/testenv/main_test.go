package testenv_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"cartline/server/internal/testenv"
)

// TestMain runs the tests, or plays a program for one of them: tests start
// their own binary with ROLE in its environment.
func TestMain(m *testing.M) {
	switch role := os.Getenv("ROLE"); role {
	case "":
		testenv.Main(m)
	case "parent of a sleeper":
		if err := testenv.StartSleeper(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("started")
		select {}
	default:
		standIn(role)
	}
}

// standIn behaves like the program as far as StartServer knows it, except for
// what its role says.
func standIn(role string) {
	if role == "bad flag" {
		fmt.Fprintln(os.Stderr, "unknown flag --wrong")
		os.Exit(2)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /log", func(_ http.ResponseWriter, r *http.Request) { slog.Info(r.FormValue("text")) })
	fmt.Printf("Cartline v1.2.3 listening on http://%s\n", l.Addr())
	fmt.Println("Sign in as demo with", os.Getenv("CARTLINE_DEMO"))
	go http.Serve(l, nil)
	<-stop
	if role == "bad end" {
		os.Exit(1)
	}
	os.Exit(0)
}
