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
	idSignIn   = "signin"
	idSignOut  = "signout"
)

// Page is what has a door.
type Page interface {
	// OnSignIn handles the form: Entered tells what was typed.
	OnSignIn(app.Context, app.Event)
	// OnSignOut handles the button.
	OnSignOut(app.Context, app.Event)
	// OnAsk asks again who is there.
	OnAsk(app.Context, app.Event)
}

// Entered is what stands in the form.
func Entered() shared.SignIn {
	return shared.SignIn{Username: browser.Value(idUsername), Password: browser.Value(idPassword)}
}

// Focus moves the keyboard to where it is needed after a page went from one face to
// another. It is to be called once the page is drawn.
func Focus(before, after Face) {
	switch {
	case after == SignedOut && before == SignedOut:
		browser.Select(idPassword)
	case after == SignedOut:
		browser.Focus(idUsername)
	case before == SignedOut:
		// The form, and with it the keyboard's place, has gone.
		browser.FocusInPlace("main")
	}
}

// form is the sign-in form. It is a component of its own so that its inputs are
// never made into those of another face, with what was typed into them.
type form struct {
	app.Compo

	Problem string
	Busy    bool
	Needs   string
	Page    Page
}

// Door draws what a page shows to whoever is not inside. title is the page's, needs
// says of whom it is.
func Door(s *State, page Page, title, needs string) app.UI {
	switch s.Face {
	case SignedOut:
		return &form{Problem: s.Problem, Busy: s.Busy, Needs: needs, Page: page}
	case Forbidden:
		return renderForbidden(s, page)
	default:
		return renderChecking(s, page, title)
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
			<p class="message error" role="alert">{}</p>
			{}
		</form>
	</section>`, f.Needs, f.Page.OnSignIn, shared.MaxUsername, true, shared.MaxPassword, true, f.Problem, submit.Text(name))
}

// renderChecking is a page until it is known who is there, and all that is
// prerendered of it.
func renderChecking(s *State, page Page, title string) app.UI {
	card := h.Section().Class("card narrow").Aria("label", title)
	if s.Problem != "" {
		return card.Body(
			h.HTML(`<h1>{}</h1>`, title),
			h.HTML(`<p class="message error" role="alert">{}</p>`, s.Problem),
			h.HTML(`<button class="button" type="button" onclick={}>Try again</button>`, page.OnAsk),
		)
	}
	return card.Body(
		h.HTML(`<h1>{}</h1>`, title),
		h.HTML(`<p class="muted" role="status">Checking your sign-in…</p>`),
		h.HTML(`<div class="bones">
			<div class="bone"></div>
			<div class="bone"></div>
			<div class="bone short"></div>
		</div>`),
	)
}

// renderForbidden is a page for staff without its role.
func renderForbidden(s *State, page Page) app.UI {
	return h.HTML(`<section class="card narrow" aria-labelledby="forbidden-title">
		<h1 id="forbidden-title">Not for this account</h1>
		<p>You are signed in as <strong id="who">{}</strong>{}</p>
		<p class="message error" role="alert">{}</p>
		{}
	</section>`,
		s.Who.Username,
		", but this page is not for you: the account lacks the role "+s.Role+". Whoever runs this gateway can grant it.",
		s.Problem,
		renderSignOut(s, page),
	)
}

// Who draws who is signed in, and the button to sign out.
func Who(s *State, page Page) app.UI {
	return h.HTML(`<div class="row">
		<p class="muted">Signed in as <strong id="who">{}</strong></p>
		{}
	</div>`, s.Who.Username, renderSignOut(s, page))
}

func renderSignOut(s *State, page Page) app.UI {
	name := "Sign out"
	b := h.Button().ID(idSignOut).Class("button small").Attr("type", "button").OnClick(page.OnSignOut)
	if s.Busy {
		name = "Signing out…"
		b = b.Attr("disabled", true)
	}
	return b.Text(name)
}
