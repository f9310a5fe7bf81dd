package compose

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
)

// folds are what is below the editor, drawn while it is open.
var folds = []struct {
	id   string
	name func(*Shelf) string
	draw func(*view) app.UI
}{
	{"saved", func(s *Shelf) string { return counted("Saved", s.saved.items) }, (*view).renderSaved},
	{"history", func(s *Shelf) string { return counted("History", s.sent.items) }, (*view).renderHistory},
	{"repeat", func(*Shelf) string { return "Repeat" }, (*view).renderRepeat},
}

func counted(name string, items []item) string {
	if len(items) == 0 {
		return name
	}
	return name + " (" + strconv.Itoa(len(items)) + ")"
}

func (v *view) switches() []app.UI {
	list := make([]app.UI, 0, len(folds))
	for _, fold := range folds {
		shown := v.Composer.open[fold.id]
		list = append(list, h.HTML(`<button class="fold-switch" type="button" id={} aria-expanded={} aria-controls={} onclick={}>{}{}</button>`,
			v.id(fold.id+"-fold"), pressed(shown), v.id(fold.id+"-part"), v.on("fold "+fold.id, func() {
				v.Composer.open[fold.id] = !v.Composer.open[fold.id]
				v.Composer.shelf.refresh()
			}), fold.name(v.Composer.shelf), Mark(fold.id == "repeat" && v.Composer.Running())))
	}
	return list
}

// Mark tells beside the name of a fold that what it has begun goes on.
func Mark(running bool) []app.UI {
	if !running {
		return nil
	}
	return []app.UI{h.HTML(`<span class="fold-runs" aria-hidden="true" title="It is running">●</span>`), h.HTML(`<span class="sr">, running</span>`)}
}

// opened draws the folds that are open. Each has its place, so that go-app doesn't take
// the fields of one for those of another.
func (v *view) opened() []app.UI {
	list := make([]app.UI, 0, len(folds))
	for _, fold := range folds {
		id := v.id(fold.id + "-part")
		if v.Composer.open[fold.id] {
			list = append(list, h.HTML(`<section class="compose-part" id={} aria-labelledby={}>{}</section>`, id, v.id(fold.id+"-fold"), fold.draw(v)))
		} else {
			list = append(list, h.HTML(`<div hidden="true" id={}></div>`, id))
		}
	}
	return list
}

// renderSaved draws the messages that are kept by name.
func (v *view) renderSaved() app.UI {
	c := v.Composer
	save := "Save"
	if c.shelf.find(cleanName(c.name)) >= 0 {
		save = "Replace"
	}
	rows := make([]app.UI, 0, len(c.shelf.saved.items))
	for i, m := range c.shelf.saved.items {
		rows = append(rows, v.savedRow(i, m))
	}
	return h.HTML(`
		<div>
			<form class="row compose-row" onsubmit={}>
				<label class="grow"><span class="label">Save the message above as</span>
					<input class="field" type="text" id={} maxlength="60" autocomplete="off" value={} oninput={}></label>
				<button class="button compose-end" type="submit" id={}>{}</button>
			</form>
			{}
			<ul class="compose-list" id={} aria-label="Saved messages">{}</ul>
		</div>`,
		v.on("save", v.save), v.id("name"), h.Safe(v.name), v.on("name", func() { v.Composer.name = browser.Value(v.id("name")) }), v.id("save"), save,
		v.about(c.shelf.saved, "Nothing is saved yet. What you save stays in this browser.", "Kept in this browser:"), v.id("saved"), rows)
}

// about says of a list that it is empty or holds some, or what is the matter with it.
func (v *view) about(l list, empty, some string) app.UI {
	text := ""
	switch {
	case l.foreign:
		text = "What this browser keeps in this place can't be read; another version of this page may have written it. It stays as it is until you "
		if l.key == keySaved {
			text += "save a message: that replaces it."
		} else {
			text += "clear the history: that deletes it."
		}
	case l.apart:
		text = "This browser has no room left, or keeps nothing for this page: what is new here goes with the page."
	case len(l.items) == 0:
		text = empty
	default:
		text = some
	}
	return h.HTML(`<p class="muted small-text">{}</p>`, text)
}

func (v *view) savedRow(i int, m item) app.UI {
	scope := m.Name + strconv.Itoa(i)
	if v.Composer.renaming == m.Name {
		return h.HTML(`
			<li class="compose-item">
				<form class="row compose-row" onsubmit={}>
					<input class="field grow" type="text" id={} maxlength="60" autocomplete="off" aria-label={} value={} onkeydown={}>
					<button class="button small" type="submit">Rename</button>
					<button class="button small" type="button" onclick={}>Cancel</button>
				</form>
			</li>`,
			v.on("rename "+scope, v.rename), v.id("new-name"), h.Safe("New name of "+m.Name), h.Safe(m.Name),
			h.On(v.onRenameKey, scope), v.on("keep "+scope, v.keepName))
	}
	return h.HTML(`
		<li class="compose-item">
			<div class="compose-clip"><b>{}</b> <span class="muted small-text">{}</span>{}</div>
			<div class="row compose-deeds">{}{}{}{}</div>
		</li>`,
		m.Name, formatName(m.Format), clip(m.Content),
		v.deed("Load", m.Name, "", scope, func() { v.withSaved(m.Name, v.load) }),
		v.sender(m.Name, scope, func() { v.withSaved(m.Name, func(m item) { v.Composer.transmit(m, m.Name) }) }),
		v.deed("Rename", m.Name, v.id("rename-"+strconv.Itoa(i)), scope, func() {
			v.Composer.renaming = m.Name
			v.after(func() { browser.Select(v.id("new-name")) })
		}),
		v.deed("Delete", m.Name, "", scope, func() {
			v.Composer.remove(m.Name)
			// The button has gone; the keyboard goes where this can be undone.
			v.focus("undo")
		}))
}

// withSaved does something with a message as it is saved now.
func (v *view) withSaved(name string, do func(item)) {
	s := v.Composer.shelf
	s.refresh()
	if at := s.find(name); at >= 0 {
		do(s.saved.items[at])
	} else {
		v.Composer.tell("“" + name + "” isn't saved any more: another tab has deleted or renamed it.")
	}
}

// renderHistory draws what was sent.
func (v *view) renderHistory() app.UI {
	s := v.Composer.shelf
	rows := make([]app.UI, 0, len(s.sent.items))
	for i, m := range s.sent.items {
		// A message is as long as it is, so the handlers are made anew when the
		// history changes, and not when it does.
		scope := strconv.Itoa(i) + " " + strconv.Itoa(s.version)
		text, _ := part.Clip(m.Content, 40)
		rows = append(rows, h.HTML(`
			<li class="compose-item">
				<div class="compose-clip"><span class="muted small-text">{}</span>{}</div>
				<div class="row compose-deeds">{}{}</div>
			</li>`,
			formatName(m.Format), clip(m.Content),
			v.deed("Load", text, "", scope, func() { v.load(m) }),
			v.sender(text, scope, func() { v.Composer.transmit(m, "") })))
	}
	return h.HTML(`
		<div>
			<div class="row spread">
				{}
				<button class="button small" type="button" id={} disabled={} onclick={}>Clear history</button>
			</div>
			<ul class="compose-list" id={} aria-label="History">{}</ul>
		</div>`,
		v.about(s.sent, "Nothing was sent yet. The last 100 messages stay in this browser, until you clear them.", "Sent from this browser, the newest first:"),
		v.id("forget"), len(s.sent.items) == 0 && !s.sent.foreign, v.on("forget", v.forget), v.id("history"), rows)
}

// clip is the beginning of a content, in one line.
func clip(content string) app.UI {
	text, left := part.Clip(content, 200)
	if left > 0 {
		text += "…"
	}
	return h.HTML(`<code class="compose-content">{}</code>`, text)
}

// deed is a button of a row. Scope tells the row's message from others.
func (v *view) deed(name, of, id, scope string, do func()) app.UI {
	return h.HTML(`<button class="button small" type="button" id={} aria-label={} onclick={}>{}</button>`,
		id, h.Safe(name+" "+of), v.on(name+" "+scope, do), name)
}

// sender is the button of a row that sends its message.
func (v *view) sender(of, scope string, do func()) app.UI {
	return h.HTML(`<button class="button small" type="button" disabled={} title={} aria-label={} onclick={}>Send</button>`,
		!v.Ready, v.lack(), h.Safe("Send "+of), v.on("Send "+scope, do))
}

// load puts a message into the editor, and the keyboard there.
func (v *view) load(m item) {
	v.typed()
	v.Composer.load(m)
	browser.SetValue(v.id("name"), v.Composer.name)
	v.rewrite()
}

func (v *view) save() {
	v.typed()
	v.Composer.name = browser.Value(v.id("name"))
	if v.Composer.save() {
		browser.SetValue(v.id("name"), "")
	}
}

func (v *view) rename() {
	at := v.Composer.shelf.find(v.Composer.renaming)
	if v.Composer.rename(browser.Value(v.id("new-name"))) {
		v.focus("rename-" + strconv.Itoa(at))
	}
}

func (v *view) onRenameKey(_ app.Context, e app.Event) {
	defer part.Guard()
	if e.Get("key").String() == "Escape" {
		v.keepName()
	}
}

// keepName ends a renaming. The keyboard goes back to its row.
func (v *view) keepName() {
	at := v.Composer.shelf.find(v.Composer.renaming)
	v.Composer.renaming = ""
	v.focus("rename-" + strconv.Itoa(at))
}

func (v *view) forget() {
	v.Composer.forget()
	v.focus("undo")
}
