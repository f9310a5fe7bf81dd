package h

import (
	"strings"
	"sync"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// flat leaves out the white space that go-app puts between tags.
func flat(ui app.UI) string {
	var b strings.Builder
	for line := range strings.Lines(app.HTMLString(ui)) {
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String()
}

// Written out or made of calls, an element is the same.
func TestMarkupIsWhatTheCallsMake(t *testing.T) {
	tests := []struct {
		name    string
		written app.UI
		called  app.UI
	}{
		{"text", HTML(`<p>some text</p>`), P().Text("some text")},
		{"attribute", HTML(`<p class="a b">x</p>`), P().Class("a b").Text("x")},
		{"places", HTML(`<p class={}>{}</p>`, "a", "x"), P().Class("a").Text("x")},
		{"number", HTML(`<td height={}>{}</td>`, 12, 3), Td().Attr("height", 12).Text(3)},
		{"condition", HTML(`<button disabled={}>x</button>`, true), Button().Attr("disabled", true).Text("x")},
		{"no condition", HTML(`<button disabled={}>x</button>`, false), Button().Attr("disabled", false).Text("x")},
		{"void", HTML(`<label><input type="text"><span>x</span></label>`), Label().Body(Input().Attr("type", "text"), Span().Text("x"))},
		{"element", HTML(`<p>{}</p>`, Strong().Text("x")), P().Body(Strong().Text("x"))},
		{"elements", HTML(`<p>{}{}</p>`, []app.UI{Strong().Text("x"), Span().Text("y")}, nil), P().Body(Strong().Text("x"), Span().Text("y"))},
		{"lines", HTML(`<div>
			<p>a</p>
			{}
		</div>`, "b"), Div().Body(P().Text("a"), app.Text("b"))},
		{"space in a sentence", HTML(`<p>Signed in as <strong>{}</strong>, today</p>`, "ada"), P().Body(app.Text("Signed in as "), Strong().Text("ada"), app.Text(", today"))},
	}
	for _, test := range tests {
		if got, want := flat(test.written), flat(test.called); got != want {
			t.Errorf("%s: got %s, want %s", test.name, got, want)
		}
	}
}

// Whatever a value is, it is no markup.
func TestValuesAreNoMarkup(t *testing.T) {
	if got := flat(HTML(`<p>{}</p>`, `<b onclick="x">{}</b>`)); strings.Contains(got, "<b") {
		t.Errorf("got %s", got)
	}
}

func TestBadMarkup(t *testing.T) {
	tests := map[string]func(){
		"no root":         func() { HTML(`text`) },
		"two roots":       func() { HTML(`<p></p><p></p>`) },
		"open":            func() { HTML(`<p>x`) },
		"crossed":         func() { HTML(`<p><b></p></b>`) },
		"no quotes":       func() { HTML(`<p class=a></p>`) },
		"no value":        func() { HTML(`<p hidden></p>`) },
		"brace":           func() { HTML(`<p>a { b</p>`) },
		"too few values":  func() { HTML(`<p>{}</p>`) },
		"too many values": func() { HTML(`<p></p>`, "x") },
		"no handler":      func() { HTML(`<p onclick={}></p>`, "x") },
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("taken")
				}
			}()
			make()
		})
	}
}

func TestMarkupOfSeveralGoroutines(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, want := flat(HTML(`<p id="at-once">{}</p>`, "x")), `<p id="at-once">x</p>`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	all.Wait()
}

// Addresses of ours are below the base, whether they are written out or in a place; what
// is no address stays.
func TestAddressesAreBelowTheBase(t *testing.T) {
	base.Set("/live")
	defer base.Set("")
	got := flat(HTML(`<div><a href="/desk" title="/desk">x</a><a href={}>x</a><a href="#main">x</a><form action={}></form><img src={}></div>`, "/shop?q=a", "/shop", "/shop/picture/a.svg"))
	for _, want := range []string{`href="/live/desk"`, `title="/desk"`, `href="/live/shop?q=a"`, `href="#main"`, `action="/live/shop"`, `src="/live/shop/picture/a.svg"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
