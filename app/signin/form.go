package signin

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// The ids by which the page finds its own elements. Those that stand in markup alone
// are as fixed: scripts and tests rely on them.
const (
	idUsername = "username"
	idPassword = "password"
	idCode     = "code" // of the second factor
	idSignIn   = "signin"
	idSignOut  = "signout"
)

// Focus moves the keyboard to where it is needed after a page went from one face to
// another. It is to be called once the page is drawn.
func Focus(before, after Face) {
	switch {
	case after == SignedOut && before == SignedOut:
		browser.Select(idPassword)
	case after == SignedOut:
		browser.Focus(idUsername)
	case before != after && before != Checking:
		// What was there, and with it the keyboard's place, has gone.
		browser.FocusInPlace("main")
	}
}

// form is the sign-in form. It is a component of its own so that its inputs are
// never made into those of another face, with what was typed into them.
type form struct {
	app.Compo

	Problem   string
	Busy      bool
	NeedsCode bool
	Door      *Door
}

// Draw draws what a page shows to whoever is not inside.
func (d *Door) Draw() app.UI {
	switch d.State.Face {
	case SignedOut:
		return &form{Problem: d.State.Problem, Busy: d.State.Busy, NeedsCode: d.State.NeedsCode, Door: d}
	case Forbidden:
		return d.renderForbidden()
	default:
		return d.renderChecking()
	}
}

// Render draws the form.
func (f *form) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	name := "Sign in"
	submit := h.Button().ID(idSignIn).Class("button primary wide").Attr("type", "submit")
	if f.Busy {
		name = "Signing in…"
		submit = submit.Attr("disabled", true)
	}
	return h.HTML(`<section class="card narrow" aria-labelledby="signin-title">
		<h1 id="signin-title">Sign in</h1>
		<p class="muted">{}</p>
		<form onsubmit={} novalidate="novalidate">
			<label>
				<span class="label">Username</span>
				<input class="field" id="username" type="text" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength={} required={}>
			</label>
			<label>
				<span class="label">Password</span>
				<input class="field" id="password" type="password" name="password" autocomplete="current-password" maxlength={} required={}>
			</label>
			<div class="second">{}</div>
			<p class="message error" role="alert">{}</p>
			{}
		</form>
	</section>`, f.Door.Needs, f.Door.onSignIn, shared.MaxUsername, true, shared.MaxPassword, true,
		app.If(f.NeedsCode, renderCode), f.Problem, submit.Text(name))
}

// renderCode is what is asked of those who have a second factor, once the password was
// right.
func renderCode() app.UI {
	return h.HTML(`<label>
		<span class="label">Code of your authenticator app, or a recovery code</span>
		<input class="field mono" id="code" type="text" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength={} required={}>
	</label>`, shared.MaxCode, true)
}

// renderChecking is a page until it is known who is there, and all that is
// prerendered of it.
func (d *Door) renderChecking() app.UI {
	card := h.Section().Class("card narrow").Aria("label", d.Title)
	if d.State.Problem != "" {
		return card.Body(
			h.HTML(`<h1>{}</h1>`, d.Title),
			h.HTML(`<p class="message error" role="alert">{}</p>`, d.State.Problem),
			h.HTML(`<button class="button" type="button" onclick={}>Try again</button>`, d.onAsk),
		)
	}
	return card.Body(
		h.HTML(`<h1>{}</h1>`, d.Title),
		h.HTML(`<p class="muted" role="status">Checking your sign-in…</p>`),
		h.HTML(`<div class="bones">
			<div class="bone"></div>
			<div class="bone"></div>
			<div class="bone short"></div>
		</div>`),
	)
}

// renderForbidden is a page for staff without its role.
func (d *Door) renderForbidden() app.UI {
	s := d.State
	return h.HTML(`<section class="card narrow" aria-labelledby="forbidden-title">
		<h1 id="forbidden-title">Not for this account</h1>
		<p>You are signed in as <strong id="who">{}</strong>{}</p>
		<p class="message error" role="alert">{}</p>
		<div class="row">
			<button class="button small primary" type="button" onclick={}>Look again</button>
			{}
		</div>
	</section>`,
		s.Who.Username,
		", but this page is not for you: the account lacks the role "+s.Role+". Whoever runs this gateway can grant it.",
		s.Problem,
		d.onAsk,
		d.renderSignOut(),
	)
}

// Who draws who is signed in, and the button to sign out.
func (d *Door) Who() app.UI {
	return h.HTML(`<div class="row">
		<p class="muted">Signed in as <strong id="who">{}</strong></p>
		<button class="button small" id="passwordopen" type="button" aria-haspopup="dialog" onclick={}>Password</button>
		{}
		{}
	</div>`, d.State.Who.Username, d.onPasswordOpen, d.renderSignOut(), d.renderPassword())
}

// Trouble draws why who is inside could not be signed out, if that is so.
func (d *Door) Trouble() app.UI {
	return h.HTML(`<div class="trouble">{}</div>`, app.If(d.State.Problem != "", func() app.UI {
		return h.HTML(`<p class="message error" role="alert">{}</p>`, d.State.Problem)
	}))
}

func (d *Door) renderSignOut() app.UI {
	name := "Sign out"
	b := h.Button().ID(idSignOut).Class("button small").Attr("type", "button").OnClick(d.onSignOut)
	if d.State.Busy {
		name = "Signing out…"
		b = b.Attr("disabled", true)
	}
	return b.Text(name)
}
