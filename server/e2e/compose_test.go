package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// enter is the key that sends, with Ctrl.
const enter = '\r'

// openComposer opens the console with its fold Compose, connected unless path is "". What
// comes back is noted with its kind, as heard in the page, since a log may show less.
func openComposer(t *testing.T, tab *testenv.Tab, g *gateway, path string) {
	t.Helper()
	openConsole(tab, g.BaseURL)
	testenv.Eval[chromedp.Void](tab, `(() => {
		window.heard = []
		const hex = (data) => Array.from(new Uint8Array(data), (b) => b.toString(16).padStart(2, "0")).join("")
		const listen = (socket) => {
			socket.addEventListener("message", ({data}) => heard.push(typeof data === "string" ? "text:" + data : "binary:" + hex(data)))
			return socket
		}
		window.WebSocket = new Proxy(WebSocket, {construct(to, args) { return listen(new to(...args)) }})
	})()`)
	if path != "" {
		tab.Fill("#url", "ws://"+g.host()+path)
		tab.Click("#open")
		tab.WaitText("#status", "Connected")
	}
	tab.Click(`[aria-controls="compose"]`)
	tab.WaitFunc(exists("#compose-text"))
	if path != "" {
		tab.WaitFunc(`heard.length === 1`)
		tab.WaitFunc(exists("#compose-send:enabled"))
	}
}

// waitHeard waits until that came back last.
func waitHeard(tab *testenv.Tab, want string) {
	tab.WaitFunc(fmt.Sprintf(`heard.at(-1) === %q`, want))
}

// unfoldComposer opens a fold of the composer.
func unfoldComposer(tab *testenv.Tab, name string) {
	tab.Click("#compose-" + name + "-fold")
	tab.WaitFunc(exists(`#compose-` + name + `-fold[aria-expanded="true"]`))
}

// chooseFormat changes the format, and waits until what was written has it.
func chooseFormat(tab *testenv.Tab, format string) {
	tab.Click("#compose-as-" + format)
	tab.WaitFunc(exists(`#compose-as-` + format + `[aria-pressed="true"]`))
}

// contents are the messages of one of the composer's lists.
func contents(tab *testenv.Tab, list string) []string {
	return testenv.Eval[[]string](tab, fmt.Sprintf(`Array.from(document.querySelectorAll("#compose-%s .compose-content"), (e) => e.textContent)`, list))
}

// Each format arrives as what it says, and a mistake is told with its place and sends
// nothing.
func TestComposeFormats(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	for _, tt := range []struct{ format, typed, check, want string }{
		{"text", "two\nlines ☕", "13 B", "text:two\nlines ☕"},
		{"json", `{"a": [1, 2]}`, "Valid JSON, 13 B", `text:{"a": [1, 2]}`},
		{"hex", "00 ff 0x48", "3 B, as base64: AP9I", "binary:00ff48"},
		{"base64", "SGk=", "2 B, as text: Hi", "binary:4869"},
	} {
		tab.Fill("#compose-text", "")
		chooseFormat(tab, tt.format)
		tab.Fill("#compose-text", tt.typed)
		tab.WaitText("#compose-check", tt.check)
		tab.WaitFunc(exists(`#compose-text[aria-invalid="false"]`))
		tab.Click("#compose-send")
		waitHeard(tab, tt.want)
		if got := tab.Value("#compose-text"); got != tt.typed {
			t.Errorf("%s: after sending the editor has %q, want %q", tt.format, got, tt.typed)
		}
	}
	tab.Fill("#compose-text", "")
	tab.PressWith(testenv.Ctrl, enter) // an empty one
	waitHeard(tab, "binary:")
	before := testenv.Eval[int](tab, `heard.length`)
	for _, tt := range []struct{ format, typed, want string }{
		{"json", "{\n  \"a\": oops\n}", "Not JSON at line 2, column 8: "},
		{"hex", "4x", `"x" is no hexadecimal digit`},
		{"hex", "123", "There is half a byte"},
		{"base64", "!", "This is no base64"},
	} {
		tab.Fill("#compose-text", "")
		chooseFormat(tab, tt.format)
		tab.Fill("#compose-text", tt.typed)
		tab.WaitContains("#compose-check", tt.want)
		tab.WaitFunc(exists(`#compose-text[aria-invalid="true"][aria-describedby="compose-check"]`))
		tab.PressWith(testenv.Ctrl, enter)
		tab.WaitContains("#compose-said", "Not sent. ")
		if got := tab.Text("#compose-said"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: it is said %q, want %q in it", tt.typed, got, tt.want)
		}
	}
	tab.Fill("#compose-text", "aGk=")
	tab.Click("#compose-send")
	waitHeard(tab, "binary:6869")
	if got := testenv.Eval[int](tab, `heard.length`); got != before+1 {
		t.Errorf("%d messages came back, want %d: what is no message was sent", got, before+1)
	}
	tab.Click("#close")
	tab.WaitFunc(exists(`#compose-send[title="Connect first"]:disabled`))
}

// To change the format converts what is there, and going back changes nothing; JSON is
// formatted by its buttons and when it is pasted whole.
func TestComposeConverting(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "")
	value := func(want string) {
		t.Helper()
		tab.WaitFunc(fmt.Sprintf(`document.getElementById("compose-text").value === %q`, want))
	}
	tab.Fill("#compose-text", "Hé")
	for _, step := range []struct{ to, want string }{{"hex", "48 c3 a9"}, {"base64", "SMOp"}, {"text", "Hé"}} {
		chooseFormat(tab, step.to)
		value(step.want)
	}
	chooseFormat(tab, "hex")
	value("48 c3 a9")
	tab.Fill("#compose-text", "00 41")
	chooseFormat(tab, "text")
	value("\u0000A")
	chooseFormat(tab, "hex")
	value("00 41")
	tab.Fill("#compose-text", "0xFF,0x00")
	chooseFormat(tab, "json")
	tab.WaitContains("#compose-said", "can't be turned into JSON")
	value("0xFF,0x00")
	chooseFormat(tab, "hex")
	value("0xFF,0x00")
	tab.WaitContains("#compose-check", "2 B")

	tab.Fill("#compose-text", "")
	chooseFormat(tab, "json")
	tab.Fill("#compose-text", `{"b":1,"a":[2]}`)
	tab.Click("#compose-pretty")
	const pretty = "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}"
	value(pretty)
	tab.PressWith(testenv.Ctrl, 'z')
	value(`{"b":1,"a":[2]}`)
	tab.Click("#compose-pretty")
	value(pretty)
	tab.Click("#compose-compact")
	value(`{"b":1,"a":[2]}`)
	tab.Click("#compose-undo")
	value(pretty)

	testenv.Eval[chromedp.Void](tab, `(() => {
		const editor = document.getElementById("compose-text")
		editor.focus()
		editor.select()
		const data = new DataTransfer()
		data.setData("text/plain", '{"pasted":true}')
		editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))
		document.execCommand("insertText", false, '{"pasted":true}')
	})()`)
	value("{\n  \"pasted\": true\n}")
	tab.WaitText("#compose-said", "Formatted.")
}

// A file is sent as binary, or as text if it is one, and not if it is too large.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	openComposer(t, tab, g, "/echo")
	tab.ChooseFile("#compose-file", file("bytes.bin", []byte{0, 0xFF, 0x80}))
	tab.WaitText(".compose-chosen .compose-clip", "bytes.bin, 3 B")
	if !tab.Disabled("#compose-file-text") {
		t.Error("what is no text can be sent as text")
	}
	tab.Click("#compose-file-send")
	waitHeard(tab, "binary:00ff80")

	tab.ChooseFile("#compose-file", file("<b>note.txt", []byte("über\r\n")))
	tab.WaitText("#compose-file-name", "<b>note.txt")
	tab.Click("#compose-file-send")
	waitHeard(tab, "binary:c3bc6265720d0a")
	tab.Click("#compose-file-text")
	tab.WaitFunc(exists(`#compose-file-text[aria-pressed="true"]`))
	tab.Click("#compose-file-send")
	waitHeard(tab, "text:über\r\n")

	tab.ChooseFile("#compose-file", file("large.bin", make([]byte, 8<<20+1)))
	tab.WaitText("#compose-said", "“large.bin” has 8.0 MiB, and a file that is sent at most 8.0 MiB.")
	tab.WaitText("#compose-file-name", "<b>note.txt")
}

// Everything is reached with the keyboard alone.
func TestComposeByKeyboard(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "/echo")
	testenv.Eval[chromedp.Void](tab, `document.getElementById("compose-text").focus()`)
	tab.Press("typed")
	tab.PressWith(testenv.Ctrl, enter)
	waitHeard(tab, "text:typed")
	focused := func() string { return testenv.Eval[string](tab, `document.activeElement.id`) }
	var got []string
	for range 6 {
		tab.Press(kb.Tab)
		got = append(got, focused())
	}
	want := []string{"compose-send", "compose-file", "compose-saved-fold", "compose-history-fold", "compose-repeat-fold"}
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("the keyboard goes to %q, want %q", got, want)
	}
	testenv.Eval[chromedp.Void](tab, `document.getElementById("compose-saved-fold").focus()`)
	tab.Press(kb.Enter)
	tab.WaitFunc(exists("#compose-name"))
	testenv.Eval[chromedp.Void](tab, `document.getElementById("compose-name").focus()`)
	tab.Press("kept" + kb.Enter)
	tab.WaitFunc(exists(`[aria-label="Load kept"]`))
	if got, want := focused(), "compose-name"; got != want {
		t.Errorf("after saving the keyboard is at %q, want %q", got, want)
	}
}

// A file that misses its field by a little doesn't take the page's place.
func TestComposeDrop(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	openComposer(t, tab, g, "")
	const kept = `((selector) => ["dragover", "drop"].map((type) => {
		const event = new DragEvent(type, {bubbles: true, cancelable: true})
		document.querySelector(selector).dispatchEvent(event)
		return event.defaultPrevented
	}).join())`
	for selector, want := range map[string]string{"body": "true,true", "#log": "true,true", "#compose-file": "false,false"} {
		if got := testenv.Eval[string](tab, kept+"("+quoted(selector)+")"); got != want {
			t.Errorf("%s: kept from the browser: %s, want %s", selector, got, want)
		}
	}
}
