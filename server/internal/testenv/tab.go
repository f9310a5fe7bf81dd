package testenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tab is a page in the browser of a test. Elements are named by CSS selectors;
// of several that match, the first one is meant. Its methods wait for what
// they need and end the test with a message when it does not come within
// a minute and a half; those that only read wait for the element to exist. Only the
// test's own goroutine may call them.
type Tab struct {
	t     testing.TB
	name  string
	ctx   context.Context
	watch *watcher
	allow []string // see BrowserOptions
	dead  bool     // by Crash

	withoutScripts bool // see DisableScripts
}

// Navigate loads the address and returns when the page has fired its load
// event; WebAssembly may start later than that.
func (tab *Tab) Navigate(address string) {
	tab.t.Helper()
	tab.do("loading "+address, chromedp.Navigate(address))
}

// WaitText waits until the element's visible text, without white space around
// it, is want.
func (tab *Tab) WaitText(sel, want string) {
	tab.t.Helper()
	tab.waitText(sel, fmt.Sprintf("to be %q", want), func(got string) bool { return got == want })
}

// WaitContains waits until the element's visible text contains part.
func (tab *Tab) WaitContains(sel, part string) {
	tab.t.Helper()
	tab.waitText(sel, fmt.Sprintf("to contain %q", part), func(got string) bool { return strings.Contains(got, part) })
}

func (tab *Tab) waitText(sel, what string, ok func(string) bool) {
	tab.t.Helper()
	var last element
	if !poll(waitTimeout, func() bool {
		last = tab.element(sel)
		return last.Found && ok(last.Text)
	}) {
		tab.t.Fatalf("timed out after %v waiting for the text of %s %s; %s", waitTimeout, sel, what, last)
	}
}

// WaitFunc waits until the JavaScript expression gives a true value. An
// expression that throws is taken for one that is not true yet. A promise is not
// awaited, and so always true: for those use [Eventually] with [Eval].
func (tab *Tab) WaitFunc(expression string) {
	tab.t.Helper()
	var last error
	if !poll(waitTimeout, func() bool {
		ok, err := evaluate[bool](tab, "Boolean("+expression+")")
		last = err
		return err == nil && ok
	}) {
		tab.t.Fatalf("timed out after %v waiting for %s (last error: %v)", waitTimeout, expression, last)
	}
}

// Hover moves the pointer to the middle of the element and leaves it there.
func (tab *Tab) Hover(sel string) {
	tab.t.Helper()
	el := tab.scrolled(sel)
	if !el.Visible {
		tab.t.Fatalf("pointing at %s: %s", sel, el)
	}
	tab.do("pointing at "+sel, chromedp.MouseEvent(chromedp.MouseMoved, el.X, el.Y))
}

// Type focuses the field and types the text behind what it holds, key by key.
func (tab *Tab) Type(sel, text string) {
	tab.t.Helper()
	tab.focus(sel, "if (el.selectionStart != null) el.setSelectionRange(el.value.length, el.value.length)")
	tab.Press(text)
}

// Fill focuses the field and types the text in place of what it holds.
func (tab *Tab) Fill(sel, text string) {
	tab.t.Helper()
	tab.focus(sel, "el.select()")
	if text == "" {
		text = kb.Backspace
	}
	tab.Press(text)
}

// focus waits until the field can be typed into, focuses it, and runs a
// statement that sets where typing goes: by itself, focus() leaves the caret
// in front of the text.
func (tab *Tab) focus(sel, caret string) {
	tab.t.Helper()
	var last element
	if !poll(waitTimeout, func() bool {
		last = tab.scrolled(sel)
		return last.Found && last.Visible && !last.Disabled
	}) {
		tab.t.Fatalf("timed out after %v waiting to type into %s; %s", waitTimeout, sel, last)
	}
	const focus = "(() => { const el = document.querySelector(%s); el.focus(); %s; return document.activeElement === el })()"
	if !Eval[bool](tab, fmt.Sprintf(focus, quote(sel), caret)) {
		tab.t.Fatalf("%s does not take the focus", sel)
	}
}

// Press sends keys to whatever has the focus: characters, or keys as package
// chromedp/kb names them, such as kb.Enter and kb.Tab.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	tab.do("pressing keys", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, r := range keys {
			if err := pressKey(ctx, kb.Encode(r)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// pressKey sends the events of one key. What it types goes with its going down, as
// browsers have it: a page that prevents the one prevents the other. Sent apart, as
// chromedp.KeyEvent does, it is typed in any case.
func pressKey(ctx context.Context, events []*input.DispatchKeyEventParams) error {
	for i, event := range events {
		if event.Type == kb.KeyChar {
			continue
		}
		if i+1 < len(events) && events[i+1].Type == kb.KeyChar {
			event.Text, event.UnmodifiedText = events[i+1].Text, events[i+1].UnmodifiedText
		}
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, *event); err != nil {
			return err
		}
	}
	return nil
}

// Text returns the element's visible text, without white space around it.
func (tab *Tab) Text(sel string) string {
	tab.t.Helper()
	return tab.existing(sel).Text
}

// Value returns what a field holds.
func (tab *Tab) Value(sel string) string {
	tab.t.Helper()
	return tab.existing(sel).Value
}

// Disabled reports whether a button or field is disabled.
func (tab *Tab) Disabled(sel string) bool {
	tab.t.Helper()
	return tab.existing(sel).Disabled
}

func (tab *Tab) existing(sel string) (el element) {
	tab.t.Helper()
	if !poll(waitTimeout, func() bool {
		el = tab.element(sel)
		return el.Found
	}) {
		tab.t.Fatalf("timed out after %v waiting for %s; %s", waitTimeout, sel, el)
	}
	return el
}

// Eval returns the value of a JavaScript expression, which may be a promise;
// it ends the test when that throws. chromedp.Void ignores the value.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	v, err := evaluate[T](tab, expression)
	if err != nil {
		tab.t.Fatalf("evaluating %s: %v", expression, err)
	}
	return v
}

// Screenshot writes a picture of what the window shows to NAME.png, in the
// folder that CARTLINE_SCREENSHOTS names, else in a temporary one, and returns
// its path.
func (tab *Tab) Screenshot(name string) string {
	tab.t.Helper()
	path, err := tab.screenshot(name, false)
	if err != nil {
		tab.t.Fatalf("taking the screenshot %s: %v", name, err)
	}
	return path
}

func (tab *Tab) screenshot(name string, failure bool) (string, error) {
	path, err := screenshotPath(tab.t, name, failure)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(tab.ctx, waitTimeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, png, 0o644)
}

// SetViewport makes the page's area that large, in CSS pixels; mobile also
// behaves like a phone: touch, and the viewport that the page asks for.
func (tab *Tab) SetViewport(width, height int, mobile bool) {
	tab.t.Helper()
	var opts []chromedp.EmulateViewportOption
	if mobile {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	tab.do("setting the viewport", chromedp.EmulateViewport(int64(width), int64(height), opts...))
}

// EmulateDark makes the page believe that the user prefers dark colours, or
// light ones.
func (tab *Tab) EmulateDark(dark bool) {
	tab.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	tab.do("setting the colour scheme", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// DisableScripts makes the page do without JavaScript from the next load on. What
// the test evaluates still works.
func (tab *Tab) DisableScripts() {
	tab.t.Helper()
	tab.do("switching scripts off", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	tab.withoutScripts = true
}

// Crash ends the page's process at once, as when the browser dies: the page has no
// chance to say goodbye. Nothing else can be done with it then.
func (tab *Tab) Crash() {
	tab.t.Helper()
	tab.dead = true
	// No answer comes from a process that is gone.
	ctx, cancel := context.WithTimeout(tab.ctx, time.Second)
	defer cancel()
	_ = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.Crash, cdp.Empty{})
		return err
	}))
}

// AXNode is an element as assistive technology meets it.
type AXNode struct{ Role, Name string }

// AXTree returns what the page offers to assistive technology, in the order of
// reading. What it is told to ignore is left out.
func (tab *Tab) AXTree() []AXNode {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitTimeout)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		tab.t.Fatalf("reading the accessibility tree: %v", err)
	}
	nodes := make(map[accessibility.NodeID]*accessibility.Node, len(tree.Nodes))
	for _, n := range tree.Nodes {
		nodes[n.NodeID] = n
	}
	var list []AXNode
	var walk func(n *accessibility.Node)
	walk = func(n *accessibility.Node) {
		if !n.Ignored {
			list = append(list, AXNode{Role: axText(n.Role), Name: axText(n.Name)})
		}
		for _, id := range n.ChildIDs {
			if child := nodes[id]; child != nil {
				walk(child)
			}
		}
	}
	if len(tree.Nodes) > 0 {
		walk(tree.Nodes[0])
	}
	return list
}

// axText returns a value of the tree that is text, else "".
func axText(v *accessibility.Value) string {
	var s string
	if v == nil || json.Unmarshal(v.Value, &s) != nil {
		return ""
	}
	return s
}

// TakeProblems returns what went wrong in the page so far, and forgets it, so
// that it does not fail the test: one sentence for each, which begins with
// "uncaught exception", "Go program", "CSP violation", "failed resource" or
// "request to a foreign host".
//
// A failed resource is an answer with a status of 400 or more, for what the
// page's code fetches 500 or more, or none. It is noted when the page learns of
// it, so wait for a sign of it first.
func (tab *Tab) TakeProblems() []string {
	tab.t.Helper()
	// What came before the answer to a command has been noted.
	tab.do("asking the page", chromedp.Evaluate[chromedp.Void]("0"))
	return tab.watch.take()
}

// finish judges the page at the end of its test.
func (tab *Tab) finish() {
	// The page may be gone by now, but then the test knows already.
	if !tab.dead {
		_, err := evaluate[int](tab, "0")
		if err != nil && !tab.t.Failed() {
			tab.t.Errorf("the page does not answer at the end of the test: %v", err)
		}
	}
problems:
	for _, p := range tab.watch.take() {
		for _, part := range tab.allow {
			if strings.Contains(p, part) {
				continue problems
			}
		}
		tab.t.Errorf("in the page: %s", p)
	}
	if tab.t.Failed() && !tab.dead {
		path, err := tab.screenshot(tab.name, true)
		tab.t.Logf("screenshot: %s (error: %v)", path, err)
	}
}

// do runs one step and ends the test when it fails or takes too long.
func (tab *Tab) do(what string, step chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, waitTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
}

func evaluate[T any](tab *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, waitTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// element is what describe tells of an element.
type element struct {
	Found     bool    `json:"found"`
	Visible   bool    `json:"visible"`
	Disabled  bool    `json:"disabled"`
	Reachable bool    `json:"reachable"` // a click in its middle hits it
	Covering  string  `json:"covering"`  // what such a click would hit
	Text      string  `json:"text"`
	Value     string  `json:"value"`
	X         float64 `json:"x"` // its middle
	Y         float64 `json:"y"`

	err error // why the page could not be asked
}

// String tells what stands in the way, for a failure message.
func (el element) String() string {
	switch {
	case el.err != nil:
		return fmt.Sprintf("the page could not be asked: %v", el.err)
	case !el.Found:
		return "there is no such element"
	case !el.Visible:
		return "it is not visible"
	case el.Disabled:
		return "it is disabled"
	case el.Covering != "":
		return "it is covered by " + el.Covering
	}
	return fmt.Sprintf("it is %q", el.Text)
}

// describe is called with a selector, and whether to bring it into view.
const describe = `((selector, scroll) => {
	const el = document.querySelector(selector)
	if (!el) return {found: false}
	if (scroll) el.scrollIntoView({block: "center", inline: "center", behavior: "instant"})
	const box = el.getBoundingClientRect()
	const x = box.x + box.width / 2, y = box.y + box.height / 2
	const hit = document.elementFromPoint(x, y)
	const reachable = hit !== null && (el.contains(hit) || hit.closest("label")?.control === el)
	return {
		found: true,
		visible: el.checkVisibility({visibilityProperty: true}) && box.width > 0 && box.height > 0,
		disabled: el.matches(":disabled"),
		reachable,
		covering: !reachable && hit ? hit.tagName.toLowerCase() + (hit.id && "#" + hit.id) : "",
		text: (el.innerText ?? el.textContent).trim(),
		value: String(el.value ?? ""),
		x, y,
	}
})`

func (tab *Tab) element(sel string) element  { return tab.describe(sel, false) }
func (tab *Tab) scrolled(sel string) element { return tab.describe(sel, true) }

// describe asks the page. While a page is being replaced it may be unable to
// answer, which ends as soon as the new one is there.
func (tab *Tab) describe(sel string, scroll bool) element {
	el, err := evaluate[element](tab, fmt.Sprintf("%s(%s, %t)", describe, quote(sel), scroll))
	if err != nil {
		if exception := (*chromedp.ExceptionError)(nil); errors.As(err, &exception) {
			tab.t.Fatalf("%s: %v", sel, err) // most likely no selector
		}
		return element{err: err}
	}
	return el
}

// quote returns s as a JavaScript string.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be encoded
	}
	return string(b)
}
