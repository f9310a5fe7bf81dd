package status

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// signIn is the sign-in form. It is a component of its own so that its inputs
// are never made into those of another face, with what was typed into them.
type signIn struct {
	app.Compo

	Problem string
	Busy    bool
	Page    *Status
}

// Render draws the form.
func (f *signIn) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	name := "Sign in"
	submit := h.Button().ID(idSignIn).Class("button primary wide").Attr("type", "submit")
	if f.Busy {
		name = "Signing in…"
		submit = submit.Attr("disabled", true)
	}
	return h.Section().Class("card narrow").Aria("labelledby", "signin-title").Body(
		h.H1().ID("signin-title").Text("Sign in"),
		h.P().Class("muted").Text("Cart events are for staff. Your account needs the role event_listener."),
		h.Form().OnSubmit(f.Page.onSignIn).Attr("novalidate", "novalidate").Body(
			h.Label().Body(
				h.Span().Class("label").Text("Username"),
				h.Input().ID(idUsername).Class("field").Attr("type", "text").Attr("name", "username").
					Attr("autocomplete", "username").Attr("autocapitalize", "none").Spellcheck(false).
					Attr("maxlength", shared.MaxUsername).Attr("required", true),
			),
			h.Label().Body(
				h.Span().Class("label").Text("Password"),
				h.Input().ID(idPassword).Class("field").Attr("type", "password").Attr("name", "password").
					Attr("autocomplete", "current-password").Attr("maxlength", shared.MaxPassword).Attr("required", true),
			),
			h.P().Class("message error").Role("alert").Text(f.Problem),
			submit.Text(name),
		),
	)
}

// renderChecking is the page until it is known who is there, and all that is
// prerendered of it.
func (s *Status) renderChecking() app.UI {
	card := h.Section().Class("card narrow").Aria("label", "Cart events")
	if s.model.problem != "" {
		return card.Body(
			h.H1().Text("Cart events"),
			h.P().Class("message error").Role("alert").Text(s.model.problem),
			h.Button().Class("button").Attr("type", "button").Text("Try again").OnClick(s.onAsk),
		)
	}
	return card.Body(
		h.H1().Text("Cart events"),
		h.P().Class("muted").Role("status").Text("Checking your sign-in…"),
		h.Div().Class("bones").Body(
			h.Div().Class("bone"),
			h.Div().Class("bone"),
			h.Div().Class("bone short"),
		),
	)
}

// renderForbidden is the page for staff without the role.
func (s *Status) renderForbidden() app.UI {
	return h.Section().Class("card narrow").Aria("labelledby", "forbidden-title").Body(
		h.H1().ID("forbidden-title").Text("Not for this account"),
		h.P().Body(
			app.Text("You are signed in as "),
			h.Strong().ID(idWho).Text(s.model.who.Username),
			app.Text(", but may not monitor events: the account lacks the role event_listener. Whoever runs this gateway can grant it."),
		),
		h.P().Class("message error").Role("alert").Text(s.model.problem),
		s.renderSignOut(),
	)
}

func (s *Status) renderSignOut() app.UI {
	name := "Sign out"
	b := h.Button().ID(idSignOut).Class("button small").Attr("type", "button").OnClick(s.onSignOut)
	if s.model.busy {
		name = "Signing out…"
		b = b.Attr("disabled", true)
	}
	return b.Text(name)
}
