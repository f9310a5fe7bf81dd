package signin

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// Change is how far changing the password has come.
type Change struct {
	Busy    bool
	Problem string
	Done    string
}

const (
	idPasswordForm = "password-form"
	idCurrent      = "password-current"
	idNew          = "password-new"
)

// Changed takes what came of changing the password, and says whether it is done.
func (s *State) Changed(err error) bool {
	var p *shared.Problem
	switch {
	case err == nil:
		s.Change = Change{Done: "Your password is changed. Wherever else you were signed in, you aren't any more."}
		return true
	case errors.As(err, &p) && p.Code == shared.CodeUnauthorized:
		s.Leave(ended)
	default:
		s.Change = Change{Problem: Said(err)}
	}
	return false
}

// renderPassword is the dialog in which who is signed in changes the password.
func (d *Door) renderPassword() app.UI {
	c := d.State.Change
	name := "Change password"
	submit := h.Button().ID("passwordchange").Class("button primary").Attr("type", "submit")
	if c.Busy {
		name = "Changing…"
		submit = submit.Attr("disabled", true)
	}
	return h.HTML(`<dialog class="dialog" id="password-form" aria-labelledby="password-title">
		<h2 id="password-title">Change password</h2>
		<form onsubmit={} novalidate="novalidate">
			<label>
				<span class="label">Present password</span>
				<input class="field" id="password-current" type="password" autocomplete="current-password" maxlength={}>
			</label>
			<label>
				<span class="label">New password</span>
				<input class="field" id="password-new" type="password" autocomplete="new-password" maxlength={}>
			</label>
			<p class="message error" role="alert">{}</p>
			<p role="status">{}</p>
			<div class="row">
				{}
				<button class="button" type="button" onclick={}>Close</button>
			</div>
		</form>
	</dialog>`, d.onPasswordChange, shared.MaxPassword, shared.MaxPassword, c.Problem, c.Done, submit.Text(name), d.onPasswordClose)
}

func (d *Door) onPasswordOpen(app.Context, app.Event) {
	defer part.Guard()
	d.State.Change = Change{}
	emptyPasswords()
	browser.ShowModal(idPasswordForm)
}

// emptyPasswords leaves none where the next to sit down could read it.
func emptyPasswords() {
	browser.SetValue(idCurrent, "")
	browser.SetValue(idNew, "")
}

func (d *Door) onPasswordClose(app.Context, app.Event) {
	defer part.Guard()
	emptyPasswords()
	browser.CloseModal(idPasswordForm)
}

func (d *Door) onPasswordChange(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if !d.State.Change.Busy {
		d.changePassword(shared.ChangePassword{Current: browser.Value(idCurrent), New: browser.Value(idNew)})
	}
}

func (d *Door) changePassword(change shared.ChangePassword) {
	d.State.Change = Change{Busy: true}
	part.Background(api.Timeout, d.Dispatch, func(ctx context.Context) func() {
		err := d.Server.ChangePassword(ctx, change)
		return func() {
			if d.State.Face != Inside {
				return
			}
			if d.State.Changed(err) {
				emptyPasswords()
			}
			if d.State.Face != Inside {
				d.shut()
			}
		}
	})
}
