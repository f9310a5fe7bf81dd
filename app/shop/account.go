package shop

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderAccount is where one signs in, up and out.
func (p *Page) renderAccount() app.UI {
	face := p.renderSignIn
	switch {
	case p.model.who != nil:
		face = p.renderWho
	case p.model.account.signUp:
		face = p.renderSignUp
	}
	return h.HTML(`<section id={} class="card account" aria-labelledby="account-title">
		<h2 id="account-title">Your account</h2>
		{}
	</section>`, idAccount, face())
}

func (p *Page) renderWho() app.UI {
	a := p.model.account
	return h.HTML(`<article>
		<p class="message good" role="status">{}</p>
		<div class="row spread">
			<p><strong>{}</strong><span class="muted">{}</span></p>
			<button id={} class="button small" type="button" disabled={} onclick={}>Sign out</button>
		</div>
		<p class="message error" role="alert">{}</p>
	</article>`, a.done, p.model.who.Name, " · "+p.model.who.Email, idSignOut, off(a.busy), p.onSignOut, a.problem)
}

// renderSignIn is in another element than renderSignUp, so that go-app never makes
// the inputs of one into those of the other, with what was typed into them.
func (p *Page) renderSignIn() app.UI {
	return h.HTML(`<div>
		<p class="muted">With an account, your cart and your orders wait for you on every device.</p>
		<p class="message good" role="status">{}</p>
		<form id={} class="account-form" novalidate="novalidate" onsubmit={}>
			{}
			{}
			{}
			{}
		</form>
		<p class="swap">New here? <button class="link" type="button" disabled={} onclick={}>Create an account</button></p>
	</div>`,
		p.model.account.done, idSignIn, p.onSignIn,
		p.field("signin-email", "email", "E-mail", "email", "email", shared.MaxEmail),
		p.field("signin-password", "password", "Password", "password", "current-password", shared.MaxPassword),
		p.formProblem(),
		p.submit("Sign in", "Signing in…"),
		p.waiting(), p.onSwap,
	)
}

func (p *Page) renderSignUp() app.UI {
	return h.HTML(`<section aria-label="New account">
		<p class="muted">Your cart stays as it is, and becomes that of your account.</p>
		<form id={} class="account-form" novalidate="novalidate" onsubmit={}>
			{}
			{}
			{}
			{}
			{}
		</form>
		<p class="swap">You have one? <button class="link" type="button" onclick={}>Sign in</button></p>
	</section>`,
		idSignUp, p.onSignUp,
		p.field("signup-name", "name", "Name", "text", "name", shared.MaxName),
		p.field("signup-email", "email", "E-mail", "email", "email", shared.MaxEmail),
		p.field("signup-password", "password", "Password, 8 characters or more", "password", "new-password", shared.MaxPassword),
		p.formProblem(),
		p.submit("Create the account", "Creating the account…"),
		p.onSwap,
	)
}

// field is an input with its name above and what is wrong with it below.
func (p *Page) field(id, name, label, kind, complete string, most int) app.UI {
	problem, invalid := "", ""
	if p.model.account.field == name {
		problem, invalid = p.model.account.problem, "true"
	}
	return h.HTML(`<div class="form-row">
		<label class="label" for={}>{}</label>
		<input id={} class="field" name={} type={} autocomplete={} maxlength={} autocapitalize="none" required="true" aria-describedby={} aria-invalid={}>
		<p id={} class="bad small-text" role="alert">{}</p>
	</div>`, id, label, id, name, kind, complete, most, id+"-problem", invalid, id+"-problem", problem)
}

// formProblem tells what is wrong with no field in particular.
func (p *Page) formProblem() app.UI {
	problem := p.model.account.problem
	switch p.model.account.field {
	case "name", "email", "password":
		problem = ""
	}
	return h.HTML(`<p class="message error" role="alert">{}</p>`, problem)
}

func (p *Page) submit(name, busy string) app.UI {
	if p.model.account.busy {
		name = busy
	}
	return h.HTML(`<button class="button primary" type="submit" disabled={}>{}</button>`,
		off(p.model.account.busy || !p.model.ready), name)
}

func (p *Page) onSwap(app.Context, app.Event) {
	defer part.Guard()
	a := &p.model.account
	a.signUp, a.problem, a.field, a.done = !a.signUp, "", "", ""
	id := "signin-email"
	if a.signUp {
		id = "signup-name"
	}
	p.ctx.Defer(func(app.Context) { browser.Focus(id) })
}

func (p *Page) onSignIn(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	in := shared.CustomerSignIn{Email: browser.Value("signin-email"), Password: browser.Value("signin-password")}
	p.enter("signin-", func(ctx context.Context) (shared.CustomerSession, error) { return p.server.SignInCustomer(ctx, in) })
}

func (p *Page) onSignUp(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	in := shared.SignUp{Name: browser.Value("signup-name"), Email: browser.Value("signup-email"), Password: browser.Value("signup-password")}
	p.enter("signup-", func(ctx context.Context) (shared.CustomerSession, error) { return p.server.SignUp(ctx, in) })
}

// enter signs in or up. Where that fails, the keyboard goes to what is to be
// corrected.
func (p *Page) enter(prefix string, call func(context.Context) (shared.CustomerSession, error)) {
	a := &p.model.account
	if a.busy {
		return
	}
	a.busy, a.problem, a.field, a.done = true, "", "", ""
	p.background(func(ctx context.Context) func() {
		session, err := call(ctx)
		return func() {
			if p.model.entered(session, err) {
				p.renewed()
				p.ctx.Defer(func(app.Context) { browser.FocusInPlace(idSignOut) })
				return
			}
			field := p.model.account.field
			if field == "" {
				field = "password"
			}
			p.ctx.Defer(func(app.Context) { browser.Focus(prefix + field) })
		}
	})
}

// renewed follows a new session up: its cart is another one, and the connection of
// the old session ends.
func (p *Page) renewed() {
	p.feed.Stop()
	p.resting = false // it is known why the old one ended
	p.tell()
	p.look()
}

func (p *Page) onSignOut(app.Context, app.Event) {
	defer part.Guard()
	if p.model.account.busy {
		return
	}
	p.model.account.busy = true
	p.background(func(ctx context.Context) func() {
		err := p.server.SignOutCustomer(ctx)
		return func() {
			if err != nil {
				p.model.account.busy = false
				p.model.account.problem = "You are still signed in. " + said(err)
				return
			}
			p.model.left()
			p.renewed()
			p.ctx.Defer(func(app.Context) { browser.FocusInPlace("signin-email") })
		}
	})
}
