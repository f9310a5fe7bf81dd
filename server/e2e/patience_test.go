package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// startSlowServer runs a server that takes connections once told to, greets, and then
// neither reads nor answers, not even a close frame.
func startSlowServer(t *testing.T) (url string, takeThem func()) {
	t.Helper()
	take, over := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-take:
		case <-r.Context().Done():
			return
		case <-over:
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		if conn.Write(r.Context(), websocket.MessageText, []byte("You are in")) == nil {
			<-over
		}
	}))
	t.Cleanup(func() {
		close(over)
		server.Close()
	})
	return strings.Replace(server.URL, "http", "ws", 1), func() { close(take) }
}

// keyboardAt is the id of the element that has the keyboard.
const keyboardAt = `document.activeElement.id`

// Who waits for a server is told so, can give up, and can do something else meanwhile;
// and a server that doesn't say goodbye holds nobody up.
func TestConsoleSlowServer(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	url, takeThem := startSlowServer(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	tab.Fill("#url", url)
	tab.Click("#open")
	tab.WaitContains("#message", "No answer yet.")
	tab.Click("#give-up")
	tab.WaitText("#status", "Not Connected")
	waitEnabled(tab, "open")
	tab.WaitText("#message", "")
	tab.WaitFunc(`document.querySelector("#log li:last-child .text").textContent === "You gave up before it was open."`)

	unfold(tab, "options")
	tab.Click("#open")
	tab.WaitText("#status", "Connecting…")
	tab.Fill("#offer", "half a na")
	takeThem()
	tab.WaitText("#message", "Server Says: You are in")
	if got := testenv.Eval[string](tab, keyboardAt); got != "offer" {
		t.Errorf("the keyboard was taken to %q while somebody typed", got)
	}
	if !tab.Disabled("#fault-drop") {
		t.Error("faults can be changed while the address can't")
	}

	tab.Click("#close")
	tab.WaitText("#status", "Not Connected")
	tab.WaitFunc(`document.querySelector("#log li:last-child .text").textContent === "Disconnected, though the server did not confirm it"`)
	tab.WaitFunc(keyboardAt + ` === "open"`)
	tab.Fill("#url", "ws://"+g.host()+"/echo")
	tab.Press("\r")
	tab.WaitText("#message", "Server Says: Echo Initiated")
	tab.WaitFunc(keyboardAt + ` === "text"`)
}

// What a fold has begun goes on when it is closed, and its name says so; a replay
// doesn't send what another has sent.
func TestConsoleTellsWhatRuns(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openConsole(tab, g.BaseURL)
	connectTo(tab, "ws://"+g.host()+"/echo")
	const compose = `.fold-switch[aria-controls="compose"]`
	unfold(tab, "compose")
	tab.Fill("#compose-text", "again")
	tab.Click("#compose-repeat-fold")
	tab.WaitFunc(exists("#compose-start"))
	tab.Click("#compose-start")
	tab.WaitContains(compose, ", running")
	tab.Click(compose)
	tab.WaitFunc(gone("#compose"))
	tab.WaitContains(compose, ", running")
	tab.Click(compose)
	tab.WaitContains("#compose-repeat-fold", ", running")
	tab.Click("#compose-stop")
	tab.WaitText(compose, "Compose")
	tab.Click(compose)

	tab.Click("#log-clear")
	say(tab, "one", "two")
	unfold(tab, "recording")
	for range 2 {
		tab.WaitText("#script", "Sends again what was sent in this log: 2 messages.")
		tab.Click("#replay")
		tab.WaitText("#replayed", "All 2 sent.")
	}
	tab.WaitFunc(`document.querySelectorAll("#log li.sent").length === 6`)
	tab.WaitText("#script", "Sends again what was sent in this log: 2 messages.")
}
