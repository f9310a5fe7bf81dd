package h

import (
	"fmt"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// HTML makes an element of markup that is written out, with what differs from time to
// time in the places {}, in their order:
//
//	h.HTML(`<p class="note"><b>{}</b> <button type="button" onclick={}>Open</button></p>`, name, p.onOpen)
//
// It does as the functions of this package with their methods do, of which each call
// costs the WebAssembly a quarter of a kilobyte; written out it costs its letters.
//
// In content, a place takes an app.UI, a slice of them, or what is to be a text. As an attribute's
// value it takes what app.HTMLElem.Attr takes or, for one that begins with "on", a
// handler or what On returns. A value is never read as markup; the rule of Safe
// holds for attributes. An address that begins with a slash is one of ours, below the
// base: see package base.
//
// The markup is a constant of ours in a small part of HTML: one root, each element
// closed, but for input and img; attributes quoted; no entities and no comments.
// White space at a tag is left out if it has a line's end in it. HTML panics where
// that is not kept, or where places and values differ in number, as the page's tests
// show. It may be called by several goroutines.
func HTML(markup string, values ...any) app.UI {
	element := parsed(markup).make(&values)
	if len(values) > 0 {
		panic(fmt.Sprintf("%d values more than there are places in %s", len(values), markup))
	}
	return element
}

// handler is a handler with its scope.
type handler struct {
	handle app.EventHandler
	scope  any
}

// On is a handler for HTML that is made anew when its scope is another one. Without
// a scope, go-app keeps the first that it got of the same code.
func On(handle app.EventHandler, scope any) any { return handler{handle, scope} }

// node is one element of some markup, or a text if it has no tag.
type node struct {
	tag      string
	attrs    []attr
	children []node
	text     string
	place    bool // of a value, as content
}

type attr struct {
	name, value string
	place       bool
}

// void tells which elements have no content.
func void(tag string) bool { return tag == "input" || tag == "img" }

func (n *node) make(values *[]any) app.UI {
	if void(n.tag) {
		element := app.ElemSelfClosing(n.tag)
		for _, a := range n.attrs {
			value := a.take(values)
			if event, ok := strings.CutPrefix(a.name, "on"); ok {
				handle, options := eventOf(value)
				element.On(event, handle, options...)
			} else {
				element.Attr(a.name, value)
			}
		}
		return element
	}
	element := app.Elem(n.tag)
	for _, a := range n.attrs {
		value := a.take(values)
		if event, ok := strings.CutPrefix(a.name, "on"); ok {
			handle, options := eventOf(value)
			element.On(event, handle, options...)
		} else {
			element.Attr(a.name, value)
		}
	}
	body := make([]app.UI, 0, len(n.children))
	for i := range n.children {
		child := &n.children[i]
		switch {
		case child.place:
			body = append(body, content(next(values))...)
		case child.tag == "":
			body = append(body, app.Text(child.text))
		default:
			body = append(body, child.make(values))
		}
	}
	return element.Body(body...)
}

// take returns the value. A path of ours that leads somewhere gets below the base.
func (a attr) take(values *[]any) any {
	var value any = a.value
	if a.place {
		value = next(values)
	}
	switch a.name {
	case "href", "src", "action":
		if address, ok := value.(string); ok {
			return base.Of(address)
		}
	}
	return value
}

func next(values *[]any) any {
	if len(*values) == 0 {
		panic("fewer values than there are places in the markup")
	}
	value := (*values)[0]
	*values = (*values)[1:]
	return value
}

func content(value any) []app.UI {
	switch v := value.(type) {
	case nil:
		return nil
	case []app.UI:
		return v
	case app.UI:
		return []app.UI{v}
	default:
		return []app.UI{app.Text(v)}
	}
}

func eventOf(value any) (app.EventHandler, []app.EventOption) {
	switch v := value.(type) {
	case handler:
		return v.handle, []app.EventOption{app.EventScope(v.scope)}
	case func(app.Context, app.Event):
		return v, nil
	default:
		panic(fmt.Sprintf("%T is no handler", value))
	}
}

// known are the markups that have been read.
var known = struct {
	sync.RWMutex
	nodes map[string]*node
}{nodes: make(map[string]*node)}

func parsed(markup string) *node {
	known.RLock()
	n := known.nodes[markup]
	known.RUnlock()
	if n == nil {
		n = parse(markup)
		known.Lock()
		known.nodes[markup] = n
		known.Unlock()
	}
	return n
}

// parse reads markup.
func parse(markup string) *node {
	r := &reader{markup: markup, rest: strings.TrimSpace(markup)}
	root := r.element()
	if strings.TrimSpace(r.rest) != "" {
		r.fail("there is more than one root")
	}
	return &root
}

type reader struct{ markup, rest string }

func (r *reader) fail(why string) { panic(why + " in " + r.markup) }

// cut takes what stands before a separator, and the separator away.
func (r *reader) cut(separator string) string {
	before, rest, ok := strings.Cut(r.rest, separator)
	if !ok {
		r.fail("no " + separator)
	}
	r.rest = rest
	return before
}

func (r *reader) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(r.rest, prefix)
	if ok {
		r.rest = rest
	}
	return ok
}

func (r *reader) element() node {
	if !r.skip("<") {
		r.fail("no element")
	}
	end := strings.IndexAny(r.rest, " \n\t>")
	if end < 1 {
		r.fail("no end of a tag")
	}
	n := node{tag: r.rest[:end]}
	r.rest = r.rest[end:]
	for {
		r.rest = strings.TrimLeft(r.rest, " \n\t")
		if r.skip(">") {
			break
		}
		n.attrs = append(n.attrs, r.attr())
	}
	if void(n.tag) {
		return n
	}
	for !r.skip("</" + n.tag + ">") {
		switch {
		case r.rest == "" || strings.HasPrefix(r.rest, "</"):
			r.fail("no end of " + n.tag)
		case r.rest[0] == '<':
			n.children = append(n.children, r.element())
		case r.skip("{}"):
			n.children = append(n.children, node{place: true})
		default:
			if text := r.text(); text != "" {
				n.children = append(n.children, node{text: text})
			}
		}
	}
	return n
}

func (r *reader) attr() attr {
	a := attr{name: r.cut("=")}
	switch {
	case r.skip("{}"):
		a.place = true
	case r.skip(`"`):
		a.value = r.cut(`"`)
	default:
		r.fail("no value of " + a.name)
	}
	return a
}

// text takes a text up to the next tag or place.
func (r *reader) text() string {
	end := strings.IndexAny(r.rest, "<{")
	if end < 0 {
		r.fail("no end of a text")
	}
	if end == 0 {
		r.fail("a brace that is no place")
	}
	text := r.rest[:end]
	r.rest = r.rest[end:]
	if head := strings.TrimLeft(text, " \n\t"); strings.Contains(text[:len(text)-len(head)], "\n") {
		text = head
	}
	if head := strings.TrimRight(text, " \n\t"); strings.Contains(text[len(head):], "\n") {
		text = head
	}
	return text
}
