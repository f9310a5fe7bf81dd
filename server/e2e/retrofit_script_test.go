package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// The walk-through's script doesn't guess at another protocol than the one it knows: it
// says so, and doesn't come back.
func TestScriptMeetsAnotherProtocol(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(retrofit, "live.js"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><p id=state></p><ol id=missed></ol><script>` + string(script) + `
			listen("ws://" + location.host + "/events/io", "cart_activity", {
				event() {}, missed() { missed.append("missed") }, state(text) { state.textContent = text },
			})</script>`))
	})
	mux.HandleFunc("GET /events/io", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.CloseNow() }()
		if err := c.Write(r.Context(), websocket.MessageText, []byte(`["listening",{"channel":"cart_activity","protocol":2}]`)); err != nil {
			t.Error(err)
		}
		for err == nil { // what it asks for, and its end
			_, _, err = c.Read(r.Context())
		}
		ended <- err
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(srv.URL)
	tab.WaitText("#state", "the server has changed: load this page again")
	if err := <-ended; websocket.CloseStatus(err) == -1 {
		t.Errorf("the connection ended with %v, want that the page closed it", err)
	}
	if got := tab.Text("#missed"); got != "" {
		t.Errorf("told of what was missed: %q", got)
	}
}
