package desk

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
)

// keys are what the keyboard does, as the help tells it.
var keys = [][2]string{
	{"/", "Find the caller's cart"},
	{"j  k", "Next and previous cart"},
	{"Enter", "Open the cart; again to attach, where that needs no consent"},
	{"1 … 9", "Go to an opened cart"},
	{"Esc", "Leave the search, the row, or the opened cart"},
	{"?", "This help"},
}

// press takes a key that nothing else takes. on is the id of what has the keyboard.
func (d *Desk) press(key, on string) {
	m := d.model
	if m.Face != signin.Inside {
		return
	}
	switch key {
	case "/":
		browser.Select(idSearch)
	case "?":
		browser.ShowModal(idHelpDialog)
	case "j", "k":
		by := 1
		if key == "k" {
			by = -1
		}
		d.pick(by)
	case "Enter":
		d.enter()
	case "Escape":
		d.escape(on)
	default:
		if len(key) == 1 && key[0] >= '1' && key[0] <= '9' && int(key[0]-'1') < len(m.tabs.cards) {
			d.open(m.tabs.cards[key[0]-'1'].id)
		}
	}
}

// pick moves the keyboard to another row, and that into view.
func (d *Desk) pick(by int) {
	d.model.step(by)
	at := slices.Index(d.model.table.slots, d.model.picked)
	if at < 0 {
		return
	}
	d.top, d.frame, _ = browser.Frame(idFrame)
	// The table's head stays over the rows.
	const head = 36
	if top := within(d.top, d.frame-head, d.row, at); top != d.top {
		d.top = top
		d.after(func() { browser.ScrollDown(idFrame, top) })
	}
	d.after(func() { browser.FocusInPlace(rowID(d.model.picked)) })
}

// enter opens the picked cart, or attaches to the one that is open.
func (d *Desk) enter() {
	m := d.model
	if c := m.tabs.top(); c != nil && (m.picked == "" || m.picked == c.id) {
		if c.attachable(m.desk, m.now()) {
			d.attach(c)
		}
		return
	}
	if m.picked != "" {
		d.open(m.picked)
	}
}

func (d *Desk) escape(on string) {
	m := d.model
	switch {
	case on == idSearch && m.text != "":
		browser.SetValue(idSearch, "")
		d.findProblem = ""
		m.typed("")
	case on == idSearch:
		browser.Blur(idSearch)
	case !m.asking.IsZero():
		d.onAskChange(d.ctx, app.Event{})
	case m.picked != "":
		m.picked = ""
		m.hold()
		browser.FocusInPlace("main")
	case m.tabs.active != "":
		d.back()
		browser.FocusInPlace("main")
	}
}

// pressTab moves among the tabs with the arrows.
func (d *Desk) pressTab(id, key string) {
	cards := d.model.tabs.cards
	at := slices.IndexFunc(cards, func(c *card) bool { return c.id == id })
	switch key {
	case "ArrowRight":
		at++
	case "ArrowLeft":
		at--
	case "Delete":
		d.close(id, false)
		return
	default:
		return
	}
	next := cards[(at+len(cards))%len(cards)].id
	d.open(next)
	d.after(func() { browser.Focus("tab-" + next) })
}

func (d *Desk) renderHelp() app.UI {
	return h.HTML(`<dialog class="dialog" id="help-dialog" aria-labelledby="help-title">
		<h2 id="help-title">How the desk works</h2>
		<ol class="how">
			<li>Find the caller: type the code that they read to you, what is in the cart, its total or the page they are on. Or press “Ask them to change something” and see which cart moves.</li>
			<li>Get their consent: the code is one; a knock asks on their screen. Until then you see no personal data.</li>
			<li>Work on the cart together. Both of you see each change within a second, and either can undo it.</li>
		</ol>
		<dl class="keys">
			{}
		</dl>
		<button class="button primary" type="button" onclick={}>Close</button>
	</dialog>`,
		app.Range(keys).Slice(func(i int) app.UI {
			return h.HTML(`<div>
					<dt><kbd>{}</kbd></dt>
					<dd>{}</dd>
				</div>`, keys[i][0], keys[i][1])
		}),
		d.onHelpClose,
	)
}

func (d *Desk) onHelp(app.Context, app.Event) {
	defer part.Guard()
	browser.ShowModal(idHelpDialog)
}

func (d *Desk) onHelpClose(app.Context, app.Event) {
	defer part.Guard()
	browser.CloseModal(idHelpDialog)
}

// renderPhone draws the form for a caller who has no browser open.
func (d *Desk) renderPhone() app.UI {
	return h.HTML(`<dialog class="dialog" id="phone-form" aria-labelledby="phone-title">
		<h2 id="phone-title">New phone order</h2>
		<p class="muted">A cart for a caller who has no browser open. An e-mail address finds their account, if they have one.</p>
		<form onsubmit={} novalidate="novalidate">
			{}
			{}
			<p class="message error" role="alert">{}</p>
			<div class="row">
				<button class="button primary" type="submit">Start</button>
				<button class="button" type="button" onclick={}>Cancel</button>
			</div>
		</form>
	</dialog>`,
		d.onPhoneStart,
		field("Name", h.HTML(`<input class="field" id="phone-name" type="text" autocomplete="off" maxlength={}>`, shared.MaxName)),
		field("E-mail (optional)", h.HTML(`<input class="field" id="phone-email" type="email" autocomplete="off" maxlength={}>`, shared.MaxEmail)),
		d.phoneProblem,
		d.onPhoneClose,
	)
}

func (d *Desk) onPhone(app.Context, app.Event) {
	defer part.Guard()
	d.phoneProblem = ""
	browser.SetValue("phone-name", "")
	browser.SetValue("phone-email", "")
	browser.ShowModal(idPhoneForm)
}

func (d *Desk) onPhoneClose(app.Context, app.Event) {
	defer part.Guard()
	browser.CloseModal(idPhoneForm)
}

func (d *Desk) onPhoneStart(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	start := shared.StartPhoneOrder{Name: browser.Value("phone-name"), Email: browser.Value("phone-email")}
	d.background(func(ctx context.Context) func() {
		view, err := d.server.StartPhoneOrder(ctx, start)
		return func() {
			if err != nil {
				d.phoneProblem = signin.Said(err)
				return
			}
			browser.CloseModal(idPhoneForm)
			d.attached(view)
		}
	})
}
