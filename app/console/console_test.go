package console

import (
	"regexp"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared/live"
)

// page makes the component as a browser has it, with a model to play with.
func page() *Console {
	c := new(Console)
	c.OnInit()
	c.model = testModel()
	c.ready = true
	return c
}

// tag returns the start tag of the element with an id.
func tag(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`<[^>]* id="` + id + `"[^>]*>`).FindString(html)
	if found == "" {
		t.Fatalf("no element %q in %s", id, html)
	}
	return found
}

// text returns the text of the element with an id, which has no elements in it.
func text(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`<[^>]* id="` + id + `"[^>]*>([^<]*)<`).FindStringSubmatch(html)
	if found == nil {
		t.Fatalf("no element %q in %s", id, html)
	}
	return found[1]
}

func TestMarkup(t *testing.T) {
	c := page()
	tests := []struct {
		name     string
		do       func()
		status   string
		disabled map[string]bool
		message  string
	}{
		{"at load", func() {}, "Not Connected", map[string]bool{"open": false, "close": true, "send": true}, ""},
		{"connecting", func() { c.model.connect("ws://localhost:8080/echo") }, "Connecting…", map[string]bool{"open": true, "close": true, "send": true}, ""},
		{"open", func() { c.model.opened(); hear(c.model, "Echo <Initiated>") }, "Connected", map[string]bool{"open": true, "close": false, "send": false}, "Server Says: Echo &lt;Initiated&gt;"},
		{"leaving", func() { c.model.disconnect() }, "Disconnecting…", map[string]bool{"open": true, "close": true, "send": true}, ""},
		{"ended", func() { c.model.ended(1000, "") }, "Not Connected", map[string]bool{"open": false, "close": true, "send": true}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.do()
			html := app.HTMLString(c)
			if got := text(t, html, idStatus); got != test.status {
				t.Errorf("got status %q, want %q", got, test.status)
			}
			if got := text(t, html, idMessage); got != test.message {
				t.Errorf("got message %q, want %q", got, test.message)
			}
			for id, want := range test.disabled {
				if got := strings.Contains(tag(t, html, id), " disabled"); got != want {
					t.Errorf("%s: got disabled %v, want %v", id, got, want)
				}
			}
		})
	}
}

// Before the program runs no button does anything, so none may look as if.
func TestMarkupBeforeTheProgramRuns(t *testing.T) {
	c := new(Console)
	c.OnInit()
	html := app.HTMLString(c)
	for _, button := range regexp.MustCompile(`<button[^>]*>`).FindAllString(html, -1) {
		if !strings.Contains(button, " disabled") {
			t.Errorf("%s works", button)
		}
	}
	for _, id := range []string{idURL, idText} {
		if field := tag(t, html, id); !strings.Contains(field, " readonly") || strings.Contains(field, " value=") {
			t.Errorf("got %s, want it empty and read-only", field)
		}
	}
	if got := text(t, html, idStatus); got != "Not Connected" {
		t.Errorf("got status %q", got)
	}
}

func TestMarkupOfOffers(t *testing.T) {
	c := page()
	c.model.connect("localhost:8080/echo")
	if html := app.HTMLString(c); !strings.Contains(html, "Use ws://localhost:8080/echo") {
		t.Error("the suggestion isn't offered")
	}
	c.model.connect("ws://localhost:8080/events/io")
	c.model.failed(refusal{text: "Can't monitor events", signIn: true})
	if html := app.HTMLString(c); !strings.Contains(html, "To the sign-in") {
		t.Error("the way to the sign-in isn't offered")
	}
	c.model.connect("ws://localhost:8080/events/io")
	c.model.opened()
	html := app.HTMLString(c)
	if !strings.Contains(html, "{&#34;listen&#34;:&#34;cart_activity&#34;}") {
		t.Error("the message that listens isn't offered")
	}
	if got := strings.Count(html, `title="Disconnect first to switch the endpoint"`); got != 2 {
		t.Errorf("%d of the endpoints say why they can't be switched, want 2", got)
	}
}

func TestRow(t *testing.T) {
	long := strings.Repeat("abc ", 200)
	tests := []struct {
		name     string
		entry    entry
		contains []string
		without  []string
	}{
		{"sent", entry{way: sent, text: "hello", size: "5 B"}, []string{"sent", "↑", "hello", "5 B"}, []string{"<button"}},
		{"received", messageEntry(testModel().now(), live.Message{Data: []byte("<b>")}), []string{"received", "↓", "&lt;b&gt;", "3 B"}, []string{"<b>"}},
		{"folded", entry{way: received, text: long}, []string{"Show all 800 B"}, []string{long}},
		{"unfolded", entry{way: received, text: long, open: true}, []string{strings.TrimSpace(long), "Show less"}, nil},
		{"cut", entry{way: received, text: long, open: true, left: 2048}, []string{"The other 2.0 KiB are not kept."}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			html := app.HTMLString(newRow(test.entry, page()))
			for _, want := range test.contains {
				if !strings.Contains(html, want) {
					t.Errorf("got %s, without %q", html, want)
				}
			}
			for _, not := range test.without {
				if strings.Contains(html, not) {
					t.Errorf("got %s, with %q", html, not)
				}
			}
		})
	}
}
