package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A browser opens connections in advance. They must not hold up the end, and
// those that are in use must not be cut.
func TestFreshConnectionsAreClosed(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-finish
		w.WriteHeader(http.StatusNoContent)
	}))
	fresh := trackFresh(web.Config)
	web.Config.ConnState = fresh.changed // httptest puts its own around it
	web.Start()
	defer web.Close()

	answered := make(chan error, 1)
	go func() {
		response, err := http.Get(web.URL)
		if err == nil {
			err = response.Body.Close()
			if response.StatusCode != http.StatusNoContent {
				err = errors.New(response.Status)
			}
		}
		answered <- err
	}()
	<-began
	before := silent(t, web.Listener.Addr())
	defer before.Close()
	fresh.close()
	after := silent(t, web.Listener.Addr())
	defer after.Close()
	for name, conn := range map[string]net.Conn{"before": before, "after": after} {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("the silent connection made %s: got %d bytes, %v; want its end", name, n, err)
		} else if !errors.Is(err, io.EOF) {
			t.Logf("%s: %v", name, err) // a reset is an end as well
		}
	}
	close(finish)
	if err := <-answered; err != nil {
		t.Errorf("the request under way: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func silent(t *testing.T, to net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
