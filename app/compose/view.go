package compose

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared/lab"
)

// View draws a composer. ID is appended to the ids of its elements; ready is whether
// the target is.
func View(c *Composer, id string, ready bool) app.UI {
	return &view{Composer: c, ID: id, Ready: ready, Version: c.version + c.shelf.version}
}

type view struct {
	app.Compo

	Composer *Composer
	ID       string
	Ready    bool
	Version  int

	ctx   app.Context // once it is mounted
	shown *Composer   // whose text is in the editor
	paste string      // what the next input pastes

	first                     *Composer // of which is what follows
	name, every, count, burst string    // what its fields have at first; see hold
}

// id is the id of one of its elements.
func (v *view) id(name string) string { return "compose-" + name + v.ID }

// OnMount puts what was written before into the editor, and hears of what changes.
func (v *view) OnMount(ctx app.Context) {
	defer part.Guard()
	v.ctx = ctx
	v.follow()
}

// OnUpdate does so for another composer.
func (v *view) OnUpdate(ctx app.Context) {
	defer part.Guard()
	v.ctx = ctx
	if v.Composer != v.shown {
		v.leave()
		v.follow()
	}
}

// OnDismount hears of nothing any more. What sends by itself goes on.
func (v *view) OnDismount() { v.leave() }

func (v *view) follow() {
	c, ctx := v.Composer, v.ctx
	v.shown = c
	c.attach(func(change func()) { part.Dispatch(ctx, change) })
	c.shelf.watch(v, func() { part.Dispatch(ctx, func() { c.version++ }) })
	c.shelf.refresh()
	c.settle()
	v.write()
}

func (v *view) leave() {
	if v.shown != nil {
		v.shown.attach(nil)
		v.shown.shelf.watch(v, nil)
		v.shown = nil
	}
}

// write puts the composer's text into the editor, once that is drawn.
func (v *view) write() {
	v.after(func() {
		if text := v.Composer.draft.text; browser.Value(v.id("text")) != text {
			browser.SetValue(v.id("text"), text)
		}
	})
}

// rewrite is write after a deed that the visitor might want to undo.
func (v *view) rewrite() {
	v.after(func() {
		if text := v.Composer.draft.text; browser.Value(v.id("text")) != text {
			browser.Rewrite(v.id("text"), text)
		} else {
			browser.Focus(v.id("text"))
		}
	})
}

// hold keeps what a field has at first for as long as it is drawn. Were it drawn again
// with what was typed, it would take back what has been typed since.
func (v *view) hold() {
	c := v.Composer
	if v.first != c || !c.open["saved"] {
		v.name = c.name
	}
	if v.first != c || !c.open["repeat"] || c.Running() {
		v.every, v.count, v.burst = c.every, c.count, c.burst
	}
	v.first = c
}

// Render draws it.
func (v *view) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	v.hold()
	c := v.Composer
	check := c.draft.check()
	class, invalid := "compose-check", "false"
	if check.bad {
		class, invalid = class+" bad", "true"
	}
	return h.HTML(`
		<div class="composer">
			<div class="row spread">
				<div class="segments" role="group" aria-label="Format of the message">{}</div>
				<div class="row compose-tools">{}</div>
			</div>
			<textarea class="field mono compose-text" id={} aria-label="Message" rows="6" autocomplete="off" autocapitalize="off"
				spellcheck="false" placeholder={} aria-describedby={} aria-invalid={} oninput={} onpaste={} onkeydown={}></textarea>
			<p class={} id={}>{}</p>
			<p class="sr" role="status">{}</p>
			<div class="row compose-row">
				{}
				<span class="muted small-text compose-keys">or Ctrl+Enter</span>
				<label class="button compose-file"><span>From a file…</span><input type="file" id={} onchange={}></label>
			</div>
			{}
			<div class="compose-said">
				<p role="status" class={} id={}>{}</p>
				{}
			</div>
			<div class="fold-switches compose-switches" role="group" aria-label="More for composing">{}</div>
			{}
		</div>`,
		v.segments(), v.tools(), v.id("text"), placeholder(c.draft.format), v.id("check"), invalid,
		v.on("input", v.input), v.onPaste, v.onKey,
		class, v.id("check"), check.text, check.brief,
		v.button("send", "Send", "button primary wide-button", v.send),
		v.id("file"), v.on("file", v.read),
		v.chosen(), saidClass(c.said), v.id("said"), c.said.text, v.undo(),
		v.switches(), v.opened())
}

func saidClass(n note) string {
	if n.bad {
		return "message error"
	}
	return "message"
}

func placeholder(f lab.Format) string {
	switch f {
	case lab.JSON:
		return `{"hello": "world"}`
	case lab.Hex:
		return "48 65 6c 6c 6f"
	case lab.Base64:
		return "SGVsbG8="
	default:
		return "Type a message of any length"
	}
}

// button is one that works while there is a connection, or says that there is none.
func (v *view) button(id, name, class string, do func()) app.UI {
	return h.HTML(`<button class={} type="button" id={} disabled={} title={} onclick={}>{}</button>`,
		class, v.id(id), !v.Ready, v.lack(), v.on(id, do), name)
}

// lack says why what sends can't be pressed, or nothing.
func (v *view) lack() string {
	if v.Ready {
		return ""
	}
	return "Connect first"
}

// segments chooses the format.
func (v *view) segments() []app.UI {
	list := make([]app.UI, 0, 4)
	for _, f := range lab.Formats() {
		list = append(list, h.HTML(`<button class="segment" type="button" id={} aria-pressed={} onclick={}>{}</button>`,
			v.id("as-"+string(f)), pressed(f == v.Composer.draft.format), v.on(string(f), func() {
				v.typed()
				v.Composer.choose(f)
				v.write()
			}), formatName(f)))
	}
	return list
}

func pressed(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// tools are the buttons for JSON.
func (v *view) tools() []app.UI {
	if v.Composer.draft.format != lab.JSON {
		return nil
	}
	return []app.UI{
		h.HTML(`<button class="button small" type="button" id={} onclick={}>Format</button>`, v.id("pretty"), v.on("pretty", v.changing(func(c *Composer) { c.format(lab.FormatJSON, "Formatted.") }))),
		h.HTML(`<button class="button small" type="button" id={} onclick={}>Compact</button>`, v.id("compact"), v.on("compact", v.changing(func(c *Composer) { c.format(lab.CompactJSON, "Compacted.") }))),
	}
}

func (v *view) undo() app.UI {
	if v.Composer.said.undo == nil {
		return nil
	}
	return h.HTML(`<button class="button small" type="button" id={} onclick={}>Undo</button>`, v.id("undo"), v.on("undo", v.changing((*Composer).undo)))
}

// on is a handler. There is one for all, and scope tells what it does: the guard around
// each is large.
func (v *view) on(scope string, do func()) any {
	return h.On(func(_ app.Context, e app.Event) {
		defer part.Guard()
		if e.Get("type").String() == "submit" {
			e.PreventDefault()
		}
		do()
	}, scope)
}

// after runs something once what has changed is drawn.
func (v *view) after(do func()) { part.After(v.ctx, do) }

// focus moves the keyboard to an element, once that is drawn.
func (v *view) focus(name string) { v.after(func() { browser.Focus(v.id(name)) }) }

// typed takes what is in the editor now.
func (v *view) typed() { v.Composer.typed(browser.Value(v.id("text"))) }

func (v *view) onPaste(_ app.Context, e app.Event) {
	defer part.Guard()
	v.paste = strings.ReplaceAll(browser.Pasted(e), "\r\n", "\n")
}

func (v *view) onKey(ctx app.Context, e app.Event) {
	defer part.Guard()
	if e.Get("key").String() != "Enter" || !e.Get("ctrlKey").Bool() && !e.Get("metaKey").Bool() {
		ctx.PreventUpdate() // what is typed is heard of by itself
		return
	}
	v.send()
}

func (v *view) send() {
	v.typed()
	v.Composer.send()
}

// input takes what is typed or pasted.
func (v *view) input() {
	text, pasted := browser.Value(v.id("text")), v.paste
	v.paste = ""
	if pasted == "" || text != pasted {
		v.Composer.typed(text)
		return
	}
	v.Composer.pasted(text)
	if v.Composer.draft.text != text {
		v.rewrite()
	}
}

// changing takes what is in the editor, changes it, and shows that.
func (v *view) changing(do func(*Composer)) func() {
	return func() {
		v.typed()
		do(v.Composer)
		v.rewrite()
	}
}
