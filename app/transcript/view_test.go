package transcript

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared/lab"
)

// stage draws nothing, and does what is brought to it when the test says so.
type stage struct {
	mu    sync.Mutex
	queue []func(app.Context)
}

func (s *stage) Dispatch(do func(app.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, do)
}

func (s *stage) Defer(func(app.Context)) {}

func (s *stage) run() {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	for _, do := range queue {
		do(app.Context{})
	}
}

func viewOf(l *Log) *view {
	v := &view{Log: l, ID: "-2", Version: l.version, stage: new(stage)}
	v.begin()
	return v
}

// grown has the view learn of what was appended.
func (v *view) grown(entries ...Entry) {
	v.Log.Append(entries, 0)
	v.place.grow(v.Log.Shown(), v.Log.gone)
}

func (v *view) html() string { return app.HTMLString(v) }

var ids = regexp.MustCompile(`id="[^"]*"`)

func TestViewAtFirst(t *testing.T) {
	html := viewOf(NewLog()).html()
	if !strings.Contains(html, "What is sent and received shows here") {
		t.Errorf("an empty log doesn't say what will be there:\n%s", html)
	}
	for _, part := range []string{"<button", "<input", "<li", "tabindex"} {
		if strings.Contains(html, part) {
			t.Errorf("an empty log has %s", part)
		}
	}
}

func TestViewOfRows(t *testing.T) {
	event := text(lab.Received, `["cart_activity",{}]`)
	event.At = noon.Add(1012 * time.Millisecond)
	event.Event = &Event{Channel: "cart_activity", Cursor: `"><b>` + strings.Repeat("c", 20), Delay: 14 * time.Millisecond, Timed: true}
	l := logOf(note("Connected"), text(lab.Sent, "hello"), event)
	html := viewOf(l).html()
	for _, want := range []string{
		"3 entries", "Connected", "hello", "5 B", "+0 ms", "+1.012 s", "14 ms", "↑", "↓", `aria-posinset="3"`, "…ccccccccccc",
		`id="log-2"`, `role="log"`, `aria-live="off"`, `aria-label="Messages"`, `tabindex="0"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("there is no %s in\n%s", want, html)
		}
	}
	for _, id := range ids.FindAllString(html, -1) {
		if strings.Contains(id, "data-") || !strings.HasSuffix(id, `-2"`) && !regexp.MustCompile(`^id="\d+"$`).MatchString(id) {
			t.Errorf("%s is that of another log too", id)
		}
	}
	if strings.Contains(html, "<b>") {
		t.Errorf("a cursor is taken for markup:\n%s", html)
	}
}

// Nothing in a message is markup, wherever it is shown.
func TestHostileTextIsText(t *testing.T) {
	const hostile = `</pre></li><img src=x onerror="alert(1)"><script>alert(2)</script>`
	json := `{"<img src=x>":"<script>","a\"b<img>":[{"<img>":{}}],"more":["<img>"],"long\"><img>":[0` + strings.Repeat(",0", 200) + `]}`
	for _, entry := range []Entry{
		text(lab.Received, hostile),
		text(lab.Received, json),
		{Entry: lab.Entry{At: noon, Way: lab.Received, Binary: true, Data: []byte(hostile)}},
		note(hostile),
		{Entry: lab.Entry{At: noon, Way: lab.Received, Data: []byte("x")}, Event: &Event{Channel: hostile, Cursor: hostile}},
	} {
		v := viewOf(logOf(entry))
		for _, query := range []string{"", "img", "<"} {
			v.narrow(Filter{Text: query})
			v.Log.open(entry)
			for _, look := range append(v.Log.opened.views(), v.Log.opened.view) {
				v.Log.opened.choose(look)
				html := v.html()
				if strings.Contains(html, "<img") || strings.Contains(html, "<script") {
					t.Errorf("%q, searched for %q, as %s, is taken for markup:\n%s", entry.copyText(), query, look, html)
				}
			}
		}
	}
}

func TestViewOfARecording(t *testing.T) {
	e := text(lab.Sent, "hello")
	e.Imported = true
	v := viewOf(logOf(e))
	v.Log.open(v.Log.At(0))
	html := v.html()
	for _, want := range []string{"imported, sent: ", `title="From a recording"`, "from a recording · "} {
		if !strings.Contains(html, want) {
			t.Errorf("there is no %s in\n%s", want, html)
		}
	}
}

// However many rows there are, few are drawn.
func TestViewDrawsFewRows(t *testing.T) {
	l := NewLog()
	v := viewOf(l)
	for i := range 5000 {
		v.grown(text(lab.Received, fmt.Sprint("message ", i)))
	}
	html := v.html()
	if n := strings.Count(html, "<li "); n > 60 {
		t.Errorf("%d rows are drawn", n)
	}
	if !strings.Contains(html, "message 4999") || !strings.Contains(html, `height="`) {
		t.Error("not the last rows are drawn, below space for the others")
	}
}

func TestViewWithoutHits(t *testing.T) {
	v := viewOf(logOf(text(lab.Sent, "a"), text(lab.Sent, "b")))
	v.narrow(Filter{Text: "c"})
	html := v.html()
	if !strings.Contains(html, "None of 2 entries matches.") || !strings.Contains(html, "0 of 2") {
		t.Errorf("it isn't told that nothing matches:\n%s", html)
	}
	if !strings.Contains(html, "<input") {
		t.Error("the search has gone")
	}
	v.Log.Clear()
	v.Log.Pause()
	v.grown(text(lab.Sent, "d"))
	if html := v.html(); !strings.Contains(html, "Paused. What comes is kept") {
		t.Errorf("it isn't told that the log is paused:\n%s", html)
	}
}

func TestKeys(t *testing.T) {
	l := NewLog()
	v := viewOf(l)
	v.place.frame, v.place.row = 100, 20
	for i := range 20 {
		v.grown(text(lab.Received, fmt.Sprint(i)))
	}
	v.html() // goes to the end
	chosen := func() string {
		i, ok := l.find(l.chosen)
		if !ok {
			return "none"
		}
		e := l.At(i)
		return e.copyText()
	}
	tests := []struct {
		key, want, opened string
	}{
		{"x", "none", ""},
		{"ArrowUp", "19", ""},
		{"ArrowUp", "18", ""},
		{"ArrowDown", "19", ""},
		{"ArrowDown", "19", ""},
		{"PageUp", "15", ""},
		{"Enter", "15", "15"},
		{"ArrowUp", "14", "14"},
		{"Home", "0", "0"},
		{"PageDown", "4", "4"},
		{" ", "4", ""},
		{"End", "19", ""},
		{" ", "19", "19"},
	}
	for i, test := range tests {
		v.press(test.key)
		opened := ""
		if l.opened != nil {
			opened = l.opened.entry.copyText()
		}
		if got := chosen(); got != test.want || opened != test.opened {
			t.Fatalf("step %d, %s: chosen %s, opened %q, want %s, %q", i, test.key, got, opened, test.want, test.opened)
		}
		if at, ok := l.find(l.chosen); ok && (at*20 < v.place.top || at*20+20 > v.place.top+100) {
			t.Errorf("step %d, %s: row %d is not in view from %d", i, test.key, at, v.place.top)
		}
	}
	if !strings.Contains(v.said, "shown below") {
		t.Errorf("said %q", v.said)
	}
	v.press("ArrowUp")
	if want := "received, " + noon.Local().Format("15:04:05.000") + ", 18"; v.said != want {
		t.Errorf("said %q, want %q", v.said, want)
	}
	if html := v.html(); !strings.Contains(html, `aria-current`) {
		t.Error("the chosen row isn't marked")
	}
}

func TestKeysWithoutRows(t *testing.T) {
	v := viewOf(NewLog())
	for _, key := range []string{"ArrowUp", "ArrowDown", "Enter", "End"} {
		if v.press(key) {
			t.Errorf("%s did something in an empty log", key)
		}
	}
}

// From all rows to those that match and back, the chosen one stays in view.
func TestNarrowKeepsTheChosenInView(t *testing.T) {
	l := NewLog()
	v := viewOf(l)
	v.place.frame, v.place.row = 100, 20
	for i := range 200 {
		v.grown(text(lab.Received, fmt.Sprintf("%03d", i)))
	}
	v.narrow(Filter{Text: "05"})
	v.toggle(l.At(1).id) // 050 of 005, 050 to 059, 105
	v.narrow(Filter{})
	if i, _ := l.find(l.chosen); i != 50 || i*20 < v.place.top || i*20+20 > v.place.top+100 || !v.place.away {
		t.Errorf("row %d, place %+v", i, v.place)
	}
	v.narrow(Filter{Text: "00"})
	v.html()
	if v.place.away {
		t.Error("without the chosen one, the list is not at its end")
	}
}

// A view that is given another log begins at its end, whatever was read of the one
// before.
func TestViewOfAnotherLog(t *testing.T) {
	v := viewOf(NewLog())
	v.place.frame, v.place.row = 100, 20
	for range 50 {
		v.grown(text(lab.Received, "first"))
	}
	v.press("Home")
	v.grown(text(lab.Received, "news"))
	if !v.place.away || !v.place.news {
		t.Fatalf("place %+v, want it away, with news", v.place)
	}
	v.Log = logOf(text(lab.Received, "second"))
	v.OnUpdate(app.Context{})
	if v.place.away || v.place.news || v.place.row != 20 || !v.fresh {
		t.Errorf("place %+v", v.place)
	}
	if html := v.html(); !strings.Contains(html, "second") || strings.Contains(html, "first") {
		t.Errorf("not the other log is drawn:\n%s", html)
	}
}

// It is said for a moment that something was copied, and nothing runs on after that, or
// once the log has gone from the page.
func TestSaysThatItCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := viewOf(logOf(text(lab.Sent, "a")))
		copied := func() bool {
			synctest.Wait()
			v.stage.(*stage).run()
			return strings.Contains(v.html(), "Copied")
		}
		v.tell(v.id(idCopy), nil)
		if !copied() {
			t.Error("it isn't said")
		}
		time.Sleep(saidFor + time.Millisecond)
		if copied() {
			t.Error("it is still said")
		}
		v.tell(v.id(idCopy), errors.New("no"))
		if html := v.html(); copied() || !strings.Contains(html, "did not let the page copy") {
			t.Errorf("it isn't told that nothing was copied:\n%s", html)
		}
		v.tell(v.id(idCopy), nil)
		v.OnDismount()
		time.Sleep(2 * saidFor)
		if !copied() {
			t.Error("the log has changed after it was gone from the page")
		}
	})
}
