package status

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

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
	submit := app.Button().ID(idSignIn).Class("button primary wide").Type("submit")
	if f.Busy {
		name = "Signing in…"
		submit = submit.Disabled(true)
	}
	return app.Section().Class("card narrow").Aria("labelledby", "signin-title").Body(
		app.H1().ID("signin-title").Text("Sign in"),
		app.P().Class("muted").Text("Cart events are for staff. Your account needs the role event_listener."),
		app.Form().OnSubmit(f.Page.onSignIn).Attr("novalidate", "novalidate").Body(
			app.Label().Body(
				app.Span().Class("label").Text("Username"),
				app.Input().ID(idUsername).Class("field").Type("text").Name("username").
					Attr("autocomplete", "username").Attr("autocapitalize", "none").Spellcheck(false).
					MaxLength(shared.MaxUsername).Required(true),
			),
			app.Label().Body(
				app.Span().Class("label").Text("Password"),
				app.Input().ID(idPassword).Class("field").Type("password").Name("password").
					Attr("autocomplete", "current-password").MaxLength(shared.MaxPassword).Required(true),
			),
			app.P().Class("message error").Role("alert").Text(f.Problem),
			submit.Text(name),
		),
	)
}

// renderChecking is the page until it is known who is there, and all that is
// prerendered of it.
func (s *Status) renderChecking() app.UI {
	card := app.Section().Class("card narrow").Aria("label", "Cart events")
	if s.model.problem != "" {
		return card.Body(
			app.H1().Text("Cart events"),
			app.P().Class("message error").Role("alert").Text(s.model.problem),
			app.Button().Class("button").Type("button").Text("Try again").OnClick(s.onAsk),
		)
	}
	return card.Body(
		app.H1().Text("Cart events"),
		app.P().Class("muted").Role("status").Text("Checking your sign-in…"),
		app.Div().Class("bones").Body(
			app.Div().Class("bone"),
			app.Div().Class("bone"),
			app.Div().Class("bone short"),
		),
	)
}

// renderForbidden is the page for staff without the role.
func (s *Status) renderForbidden() app.UI {
	return app.Section().Class("card narrow").Aria("labelledby", "forbidden-title").Body(
		app.H1().ID("forbidden-title").Text("Not for this account"),
		app.P().Body(
			app.Text("You are signed in as "),
			app.Strong().ID(idWho).Text(s.model.who.Username),
			app.Text(", but may not monitor events: the account lacks the role event_listener. Whoever runs this gateway can grant it."),
		),
		app.P().Class("message error").Role("alert").Text(s.model.problem),
		s.renderSignOut(),
	)
}

func (s *Status) renderSignOut() app.UI {
	name := "Sign out"
	b := app.Button().ID(idSignOut).Class("button small").Type("button").OnClick(s.onSignOut)
	if s.model.busy {
		name = "Signing out…"
		b = b.Disabled(true)
	}
	return b.Text(name)
}
