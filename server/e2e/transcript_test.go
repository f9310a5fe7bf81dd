package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// talker is a WebSocket server that says what a test has it say.
type talker struct {
	t    *testing.T
	url  string
	said chan spoken
}

// spoken is a message; or the end of the connection, if it has neither text nor data.
type spoken struct {
	text string
	data []byte
}

func startTalker(t *testing.T) *talker {
	t.Helper()
	s := &talker{t: t, said: make(chan spoken)}
	ctx, stop := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		// What the page sends isn't looked at, but for its end.
		reading, over := context.WithCancel(ctx)
		go func() {
			defer over()
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					return
				}
			}
		}()
		for {
			select {
			case m := <-s.said:
				switch {
				case m.text != "":
					err = conn.Write(reading, websocket.MessageText, []byte(m.text))
				case m.data != nil:
					err = conn.Write(reading, websocket.MessageBinary, m.data)
				default:
					err = conn.Close(websocket.StatusGoingAway, "that is all")
				}
				if err != nil {
					t.Errorf("the test's server can't say something: %v", err)
				}
			case <-reading.Done():
				return
			}
		}
	}))
	t.Cleanup(func() {
		stop()
		server.Close()
	})
	s.url = strings.Replace(server.URL, "http", "ws", 1)
	return s
}

// say sends texts to the page.
func (s *talker) say(texts ...string) {
	for _, text := range texts {
		s.said <- spoken{text: text}
	}
}

// openLog loads the console and connects it to a server that says what the test wants.
func openLog(t *testing.T) (*talker, *testenv.Tab) {
	t.Helper()
	g := startGateway(t)
	s := startTalker(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.SetViewport(1280, 900, false)
	openConsole(tab, g.BaseURL)
	tab.Fill("#url", s.url)
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	return s, tab
}

// waitLog waits until these are the texts in the log, of those that are drawn.
func waitLog(tab *testenv.Tab, want ...string) {
	tab.WaitFunc(fmt.Sprintf(`JSON.stringify(Array.from(document.querySelectorAll("#log .text"), (e) => e.textContent)) === JSON.stringify(%s)`, jsList(want)))
}

func jsList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// numbered makes so many messages.
func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("message %d", i+1)
	}
	return texts
}

const (
	direction = `.log-tools .segment:nth-child(%d)`
	lastText  = `[...document.querySelectorAll("#log .text")].at(-1)?.textContent`
	// firstInView is the first row that is seen whole.
	firstInView = `[...document.querySelectorAll("#log .entry")].find((e) => e.getBoundingClientRect().top >= document.getElementById("log").getBoundingClientRect().top - 1).querySelector(".text").textContent`
	logAtEnd    = `(document.getElementById("log").scrollHeight - document.getElementById("log").scrollTop - document.getElementById("log").clientHeight <= 1)`
)

func TestLogFilterAndSearch(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say("Alpha", "beta", `{"gamma":"ALPHA"}`)
	tab.WaitFunc(lastText + ` === '{"gamma":"ALPHA"}'`)
	tab.Fill("#text", "my alpha")
	tab.Press(kb.Enter)
	tab.WaitText(".log-count", "6 entries")

	tab.Click(fmt.Sprintf(direction, 2))
	waitLog(tab, "my alpha")
	tab.WaitText(".log-count", "1 of 6")
	tab.Click(fmt.Sprintf(direction, 3))
	waitLog(tab, "Alpha", "beta", `{"gamma":"ALPHA"}`)
	tab.Click(fmt.Sprintf(direction, 4))
	waitLog(tab, "Connecting to "+s.url, "Connected")
	tab.Click(fmt.Sprintf(direction, 1))

	// Typing goes on while the log changes around it.
	tab.Type("#log-search", "al")
	waitLog(tab, "Alpha", `{"gamma":"ALPHA"}`, "my alpha")
	s.say("another alphabet", "omega")
	waitLog(tab, "Alpha", `{"gamma":"ALPHA"}`, "my alpha", "another alphabet")
	tab.Press("phab")
	waitLog(tab, "another alphabet")
	tab.WaitText("#log mark", "alphab")
	tab.WaitText(".log-count", "1 of 8")
	tab.Press("x")
	tab.WaitContains(".transcript .empty", "None of 8 entries matches.")
	tab.Press(kb.Escape)
	tab.WaitText(".log-count", "8 entries")
	if got := testenv.Eval[[]string](tab, `[document.activeElement.id, document.activeElement.value]`); !slices.Equal(got, []string{"log-search", ""}) {
		t.Errorf("after Escape, the keyboard is at %q, want the empty search", got)
	}
}

func TestLogPause(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say("before")
	tab.WaitFunc(lastText + ` === "before"`)
	tab.Click("#log-pause")
	tab.WaitText("#log-pause", "Resume")
	s.say("one", "two")
	tab.WaitText(".log-count", "3 entries · Paused · 2 new")
	if got := testenv.Eval[string](tab, lastText); got != "before" {
		t.Errorf("while it is paused, the log ends with %q", got)
	}
	tab.Click("#log-pause")
	tab.WaitText(".log-count", "5 entries")
	waitLog(tab, "Connecting to "+s.url, "Connected", "before", "one", "two")
}

// pretendClipboard has the page copy into window.clipped, or be refused.
const pretendClipboard = `Object.defineProperty(navigator, "clipboard", {configurable: true, value: {writeText: (text) => {
	if (window.refuse) return Promise.reject(new Error("not allowed"))
	window.clipped = text
	return Promise.resolve()
}}})`

func TestLogCopyAndClear(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	testenv.Eval[chromedp.Void](tab, pretendClipboard)
	s.say("first\nline", "second")
	tab.WaitFunc(lastText + ` === "second"`)
	tab.Click(fmt.Sprintf(direction, 3))
	tab.WaitText(".log-count", "2 of 4")
	tab.Click("#log-copy")
	tab.WaitText("#log-copy", "Copied")
	got := testenv.Eval[string](tab, `clipped.replaceAll(/\d\d:\d\d:\d\d\.\d\d\d/g, "TIME")`)
	if want := `TIME received first\nline` + "\nTIME received second\n"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	tab.WaitText("#log-copy", "Copy") // after a moment

	tab.Click("#log .entry:nth-child(2)")
	tab.WaitContains("#log-message", "first")
	tab.Click("#log-message .inspector-head .log-buttons .button")
	tab.WaitFunc(`clipped === "first\nline"`)
	tab.WaitText("#log-message .inspector-head .log-buttons .button", "Copied")

	testenv.Eval[chromedp.Void](tab, `void (window.refuse = true)`)
	tab.Click("#log-copy")
	tab.WaitContains(".log-refused", "did not let the page copy")

	// Where a page may not ask for the clipboard there is an older way.
	testenv.Eval[chromedp.Void](tab, `(() => {
		Object.defineProperty(navigator, "clipboard", {value: undefined})
		document.execCommand = (command) => { window.clipped = command + " " + document.activeElement.value; return true }
	})()`)
	tab.Click("#log-message .inspector-head .log-buttons .button")
	tab.WaitFunc(`clipped === "copy first\nline" && ` + gone(".log-refused") + " && " + gone("body > textarea"))

	tab.Click("#log-clear")
	tab.WaitText(".log-count", "0 of 0")
	tab.WaitFunc(gone("#log .entry") + " && " + gone("#log-message") + ` && !document.getElementById("log").checkVisibility()`)
	if !tab.Disabled("#log-clear") || !tab.Disabled("#log-copy") {
		t.Error("an empty log can be copied or cleared")
	}
	s.say("after")
	waitLog(tab, "after")
}

// The log goes on at its end, stays where one reads, and goes on again.
func TestLogScrolls(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say(numbered(200)...)
	tab.WaitFunc(lastText + ` === "message 200" && ` + logAtEnd)

	tab.Hover("#log")
	testenv.Eval[chromedp.Void](tab, `void (document.getElementById("log").scrollTop -= 1500)`)
	tab.WaitFunc(lastText + ` !== "message 200"`)
	reading := testenv.Eval[string](tab, firstInView)
	s.say("news")
	tab.WaitText("#newest", "↓ Newest")
	if got := testenv.Eval[string](tab, firstInView); got != reading {
		t.Errorf("while one reads, the log moves from %q to %q", reading, got)
	}
	tab.Click("#newest")
	tab.WaitFunc(lastText + ` === "news" && ` + logAtEnd + ` && ` + gone("#newest"))
	s.say("more")
	tab.WaitFunc(lastText + ` === "more" && ` + logAtEnd)

	testenv.Eval[chromedp.Void](tab, `void (document.getElementById("log").scrollTop = 0)`)
	tab.WaitFunc(`document.querySelector("#log .text").textContent.startsWith("Connecting")`)
	s.say("unseen")
	tab.WaitText("#newest", "↓ Newest")
	testenv.Eval[chromedp.Void](tab, `void (document.getElementById("log").scrollTop = 1e6)`)
	tab.WaitFunc(lastText + ` === "unseen" && ` + gone("#newest"))
	s.say("seen")
	tab.WaitFunc(lastText + ` === "seen" && ` + logAtEnd)
}

// However much has come, few rows are in the page, and each can be reached.
func TestLogOfThousands(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say(numbered(5000)...)
	tab.WaitFunc(lastText + ` === "message 5000"`)
	tab.WaitText(".log-count", "5,002 entries")
	const rows = `document.querySelectorAll("#log li").length`
	if n := testenv.Eval[int](tab, rows); n >= 120 {
		t.Errorf("%d rows are in the page", n)
	}
	testenv.Eval[chromedp.Void](tab, `void (document.getElementById("log").scrollTop = document.getElementById("log").scrollHeight / 2)`)
	tab.WaitFunc(`[...document.querySelectorAll("#log .text")].some((e) => e.textContent === "message 2500")`)
	if n := testenv.Eval[int](tab, rows); n >= 120 {
		t.Errorf("%d rows are in the page in the middle", n)
	}
	tab.Type("#log-search", "message 4321")
	waitLog(tab, "message 4321")
	tab.Click("#log .entry")
	tab.WaitText("#log-message pre", "message 4321")
	tab.Fill("#log-search", "")
	// What was found is where it was, among the others.
	tab.WaitFunc(`document.querySelector("#log .chosen .text")?.textContent === "message 4321" && ` + rows + ` > 10`)
}
