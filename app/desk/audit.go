package desk

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
)

// needsAdmin is said on the sign-in form of the audit.
const needsAdmin = "The audit is for those who answer for the desk. Your account needs the role " + roleAudit + "."

// Audit is the page with what staff did, newest first. The zero value is ready.
type Audit struct {
	app.Compo

	state   *signin.State
	server  *api.Client
	door    *signin.Door
	ctx     app.Context
	entries []shared.AuditEntry // newest first
	next    int64               // where older ones are to be had, or 0
	reading string              // how that stands, or ""
}

// OnInit prepares the page, in the browser and for prerendering.
func (a *Audit) OnInit() {
	a.state = &signin.State{Role: roleAudit}
	a.server = api.New(browser.Fetch)
	a.door = &signin.Door{
		State: a.state, Server: a.server, Title: "Audit", Needs: needsAdmin,
		Dispatch: a.dispatch, After: func(do func()) { part.After(a.ctx, do) },
		In: a.read, Out: func() { a.entries, a.next = nil, 0 },
	}
}

// OnPreRender names the page.
func (a *Audit) OnPreRender(ctx app.Context) { a.title(ctx) }

// OnNav names the page.
func (a *Audit) OnNav(ctx app.Context) { a.title(ctx) }

func (a *Audit) title(ctx app.Context) {
	part.SetTitle(ctx, "Audit", "What staff did with customers' carts, and under which consent.")
}

// OnMount runs when the program has taken the page over.
func (a *Audit) OnMount(ctx app.Context) {
	defer part.Guard()
	a.ctx = ctx
	browser.OnLeave(func() {})
	a.door.Ask()
}

func (a *Audit) dispatch(change func()) { part.Dispatch(a.ctx, change) }

// read reads the audit anew, from its end.
func (a *Audit) read() {
	a.entries, a.next = nil, 0
	a.readMore()
}

// readMore reads the entries that come before those that are shown.
func (a *Audit) readMore() {
	a.reading = "Reading…"
	before := a.next
	part.Background(api.Timeout, a.dispatch, func(ctx context.Context) func() {
		list, err := a.server.Audit(ctx, before)
		return func() {
			if err != nil {
				a.reading = signin.Said(err)
				return
			}
			a.entries, a.next, a.reading = append(slices.Clip(a.entries), list.Entries...), list.Next, ""
		}
	})
}

// Render draws the audit.
func (a *Audit) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if a.state.Face != signin.Inside {
		return part.Page(part.PathDesk, a.door.Draw())
	}
	return part.Page(part.PathDesk, h.HTML(`<div class="audit">
		<div class="intro row spread">
			<div>
				<h1>Audit</h1>
				<p>What staff did with customers' carts, newest first. It holds no personal data of customers.</p>
			</div>
			{}
		</div>
		{}
		<div class="row">
			<a class="button small" href={}>← Desk</a>
			<a class="button small" id="audit-download" href="/api/audit?format=jsonl" download="audit.jsonl">Download as JSON lines</a>
			<button class="button small" type="button" onclick={}>Read again</button>
			<p class="muted" role="status">{}</p>
		</div>
		<div class="card table-frame">{}</div>
		{}
	</div>`, a.door.Who(), a.door.Trouble(), part.PathDesk, a.onRead, a.standing(), a.renderTable(), a.renderMore()))
}

func (a *Audit) standing() string {
	switch {
	case a.reading != "":
		return a.reading
	case a.next > 0:
		return "The newest " + part.Count(len(a.entries), "entry", "entries")
	default:
		return part.Count(len(a.entries), "entry", "entries")
	}
}

// renderMore offers what is older, if there is any.
func (a *Audit) renderMore() app.UI {
	return app.If(a.next > 0, func() app.UI {
		return h.HTML(`<p><button class="button" id="older" type="button" disabled={} onclick={}>Older entries</button></p>`, a.reading != "", a.onOlder)
	})
}

func (a *Audit) renderTable() app.UI {
	entries := a.entries
	names := []string{"When", "Who", "Action", "Cart", "Consent", "Before", "After", "Outcome"}
	return h.HTML(`<table id="audit" aria-label="Audit">
		<thead>
			<tr>
				{}
			</tr>
		</thead>
		<tbody>{}</tbody>
	</table>`,
		app.Range(names).Slice(func(i int) app.UI {
			return h.HTML(`<th scope="col">{}</th>`, names[i])
		}),
		app.Range(entries).Slice(func(i int) app.UI { return renderEntry(entries[i]) }),
	)
}

func renderEntry(e shared.AuditEntry) app.UI {
	class := "badge good"
	if e.Outcome != shared.AuditDone {
		class = "badge alert"
	}
	cart := e.Cart
	if cart == "" {
		cart = e.CartID
	}
	return h.HTML(`<tr data-id={}>
		<td>
			<time datetime={}>{}</time>
		</td>
		<td>{}</td>
		<td>{}</td>
		<td>{}</td>
		<td>{}</td>
		<td>{}</td>
		<td>{}</td>
		<td><span class={}>{}</span></td>
	</tr>`,
		e.ID,
		e.At.Format(time.RFC3339),
		e.At.Local().Format("2 Jan 15:04:05"),
		e.Staff,
		reasonWords(e.Action),
		cart,
		string(e.Consent),
		e.Before,
		e.After,
		class,
		reasonWords(e.Outcome),
	)
}

func (a *Audit) onOlder(app.Context, app.Event) {
	defer part.Guard()
	if a.reading == "" {
		a.readMore()
	}
}

func (a *Audit) onRead(app.Context, app.Event) {
	defer part.Guard()
	a.read()
}
