package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// What one reads stays in view when the oldest entries are dropped.
func TestLogDropsTheOldest(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	// As many bytes as are kept; as many entries would keep a small machine busy for long.
	long := strings.Repeat(".", 100<<10)
	for _, text := range numbered(160) {
		s.say(text + long)
	}
	tab.WaitText(".log-count", "162 entries")
	const top = `document.getElementById("log").scrollTop`
	testenv.Eval[chromedp.Void](tab, `void (`+top+` = document.getElementById("log").scrollHeight / 2)`)
	tab.WaitFunc(firstInView + `.startsWith("message 8")`)
	reading := testenv.Eval[string](tab, firstInView)
	for _, text := range numbered(20) {
		s.say(text + long)
	}
	tab.WaitContains(".log-count", " older not kept")
	tab.WaitText("#newest", "↓ Newest")
	tab.WaitFunc(fmt.Sprintf(`%s === %q`, firstInView, reading))
}

func TestLogMessage(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say(`{"sku":"MUG-BLUE","list":[1,2.50,true,null,"<b>"],"more":{"deep":{"deeper":[]}}}`)
	s.said <- spoken{data: []byte("Hi\x00\xff")}
	s.say("a\u202eb\x07c")
	tab.WaitText(".log-count", "5 entries")

	// JSON folds and unfolds.
	tab.Click("#log .entry[aria-posinset='3']")
	tab.WaitContains("#log-message .tree", `"sku": "MUG-BLUE"`)
	tab.WaitContains("#log-message .tree", `2.50`)
	for _, class := range []string{"j-key", "j-string", "j-number", "j-bool", "j-null"} {
		if testenv.Eval[bool](tab, gone("#log-message ."+class)) {
			t.Errorf("there is no %s in the tree", class)
		}
	}
	tab.Click(`#log-message .node-fold[aria-label^='Fold "list"']`)
	tab.WaitContains("#log-message .tree", `"list": […] 5 items`)
	if text := tab.Text("#log-message .tree"); strings.Contains(text, "2.50") {
		t.Errorf("what is folded shows: %s", text)
	}
	tab.Click(`#log-message .node-fold[aria-label^='Unfold "list"']`)
	tab.WaitContains("#log-message .tree", `"<b>"`)
	tab.Click("#log-message .segment:nth-child(2)")
	tab.WaitText("#log-message pre", `{"sku":"MUG-BLUE","list":[1,2.50,true,null,"<b>"],"more":{"deep":{"deeper":[]}}}`)

	// Binary is shown as hex, and as text.
	tab.Click("#log .entry[aria-posinset='4']")
	tab.WaitContains("#log-message pre", "00000000  48 69 00 ff")
	tab.WaitContains("#log-message pre", "Hi..")
	tab.Click("#log-message .segment:nth-child(1)")
	tab.WaitText("#log-message pre", "Hi␀\uFFFD")

	// What can't be seen is made to be.
	tab.Click("#log .entry[aria-posinset='5']")
	tab.WaitText("#log-message pre", "a⟨U+202E⟩b␇c")
	tab.Click("#log .entry[aria-posinset='5']")
	tab.WaitFunc(gone("#log-message"))
}

// The log is one stop of the Tab key, where arrows go from row to row.
func TestLogKeyboard(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say(numbered(100)...)
	tab.WaitFunc(lastText + ` === "message 100" && ` + logAtEnd)
	testenv.Eval[chromedp.Void](tab, `document.getElementById("log-clear").focus()`)
	tab.Press(kb.Tab)
	chosen := `document.querySelector("#log .chosen .text")?.textContent`
	for _, step := range []struct{ key, want string }{
		{kb.ArrowUp, "message 100"},
		{kb.ArrowUp, "message 99"},
		{kb.Home, "Connecting to " + s.url},
		{kb.ArrowDown, "Connected"},
		{kb.ArrowDown, "message 1"},
	} {
		tab.Press(step.key)
		tab.WaitFunc(fmt.Sprintf(`%s === %q`, chosen, step.want))
	}
	inView := `(() => {
		const row = document.querySelector("#log .chosen").getBoundingClientRect(), log = document.getElementById("log").getBoundingClientRect()
		return row.top >= log.top && row.bottom <= log.bottom
	})()`
	tab.WaitFunc(inView)
	tab.Press(kb.Enter)
	tab.WaitText("#log-message pre", "message 1")
	// It follows the arrows, and so does what is read out.
	tab.Press(kb.ArrowDown)
	tab.WaitText("#log-message pre", "message 2")
	tab.WaitContains(".transcript [role=status]", "message 2")
	tab.Press(kb.End)
	tab.WaitText("#log-message pre", "message 100")
	tab.WaitFunc(inView)
	tab.Press(kb.Escape)
	tab.WaitFunc(gone("#log-message") + ` && document.activeElement.id === "log"`)
	tab.Press(" ")
	tab.WaitText("#log-message pre", "message 100")
	tab.Press(kb.Tab) // to the first thing that can be pressed in it
	tab.WaitFunc(`document.activeElement.closest("#log-message") !== null`)
	tab.Press(kb.Escape)
	tab.WaitFunc(gone("#log-message") + ` && document.activeElement.id === "log"`)
}

// An event has its channel, its cursor and how long it took beside it.
func TestLogOfEvents(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.SetViewport(1280, 900, false)
	signIn(tab, g.BaseURL, "demo", g.password)
	openConsole(tab, g.BaseURL)
	tab.Click(toEvents)
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	tab.Fill("#text", `{"listen":"cart_activity"}`)
	tab.Press(kb.Enter)
	tab.WaitContains("#message", `["listening"`)
	newCaller(t, g.BaseURL).put("MUG-BLUE", 2)
	tab.WaitText("#log li:last-child .channel", "cart_activity")
	tab.WaitFunc(`/^-?[\d,]+ ms$/.test(document.querySelector("#log li:last-child .delay").textContent)`)
	cursor := testenv.Eval[string](tab, `document.querySelector("#log li:last-child .cursor").title`)
	if cursor == "" {
		t.Error("the row has no cursor")
	}
	tab.Click("#log li:last-child")
	tab.WaitContains("#log-message .event-facts", cursor)
	tab.WaitContains("#log-message .tree", `"MUG-BLUE"`)
	tab.Screenshot("log-event")
}

func TestLogSurvivesReconnect(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say("before")
	tab.WaitFunc(lastText + ` === "before"`)
	tab.Type("#log-search", "e")
	s.said <- spoken{}
	tab.WaitText("#status", "Not Connected")
	tab.WaitContains("#log", "that is all")
	tab.Click("#open")
	tab.WaitText("#status", "Connected")
	s.say("afterwards")
	tab.WaitFunc(lastText + ` === "afterwards"`)
	if got := testenv.Eval[[]string](tab, `Array.from(document.querySelectorAll("#log .text"), (e) => e.textContent)`); !slices.Contains(got, "before") {
		t.Errorf("after another connection, the log has %q", got)
	}
	if got, want := tab.Value("#log-search"), "e"; got != want {
		t.Errorf("the search has %q, want %q", got, want)
	}
}

// In each light and on each screen, what is opened fits.
func TestLogScreenshots(t *testing.T) {
	t.Parallel()
	s, tab := openLog(t)
	s.say(numbered(60)...)
	s.say(`{"cart":{"id":"0123456789abcdef","lines":[{"sku":"MUG-BLUE","quantity":2,"price":1250},{"sku":"TEAPOT-1","quantity":1,"price":4800}],"note":null,"gift":false},"text":"` + strings.Repeat("a long text ", 30) + `"}`)
	s.said <- spoken{data: []byte("binary \x00\x01\x02 of some length, which takes two lines")}
	tab.Fill("#text", "what I send")
	tab.Press(kb.Enter)
	tab.WaitText(".log-count", "65 entries")
	for _, shot := range []struct {
		name string
		do   func()
	}{
		{"rows", func() {}},
		{"json", func() { tab.Click("#log .entry[aria-posinset='63']") }},
		{"hex", func() { tab.Click("#log .entry[aria-posinset='64']") }},
		{"search", func() {
			tab.Press(kb.Escape)
			tab.Fill("#log-search", "a")
			tab.WaitContains(".log-count", " of ")
			tab.Click("#log-pause")
			tab.Click("#log .entry:nth-child(3)")
		}},
	} {
		tab.SetViewport(1280, 900, false)
		shot.do()
		for _, look := range []struct {
			name          string
			width, height int
			phone, dark   bool
		}{
			{"light", 1280, 1400, false, false},
			{"dark", 1280, 1400, false, true},
			{"phone", 390, 1400, true, false},
			{"small-dark", 320, 1400, true, true},
		} {
			tab.SetViewport(look.width, look.height, look.phone)
			tab.EmulateDark(look.dark)
			if got := testenv.Eval[int](tab, "document.documentElement.scrollWidth"); got > look.width {
				t.Errorf("%s, %s: the page is %d wide, and can be scrolled sideways", shot.name, look.name, got)
			}
			if look.phone {
				for _, target := range testenv.Eval[[]string](tab, smallTargets(minTarget)) {
					t.Errorf("%s, %s: %s", shot.name, look.name, target)
				}
			}
			for _, text := range testenv.Eval[[]string](tab, weakContrast) {
				t.Errorf("%s, %s: contrast of %s, want 4.5 or more", shot.name, look.name, text)
			}
			if shot.name != "search" {
				tab.WaitFunc(logAtEnd)
			}
			tab.Screenshot("log-" + shot.name + "-" + look.name)
		}
		tab.EmulateDark(false)
	}
}
