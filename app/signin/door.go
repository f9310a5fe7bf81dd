package signin

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/feed"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// Door is what stands in front of a page for staff: it makes the calls, tells State
// what came of them, and handles the form and the buttons. It is for the goroutine on
// which the page is drawn.
type Door struct {
	State  *State
	Server *api.Client
	// Title is the page's, Needs says of whom it is.
	Title, Needs string
	// Dispatch brings a change to the page, and After runs something once that is
	// drawn.
	Dispatch, After func(func())
	// Refused is told, while there is no connection, why the server takes none, or "" if
	// it would.
	Refused func(why string)
	// In is called when someone has come in, Out when they aren't inside any more.
	// What only they may see is to be gone then.
	In, Out func()
}

// Ask asks who is there.
func (d *Door) Ask() { d.meet(false, d.Server.Session) }

// meet finds out who is signed in, by asking or by signing in.
func (d *Door) meet(asked bool, who func(context.Context) (shared.StaffSession, error)) {
	part.Background(api.Timeout, d.Dispatch, func(ctx context.Context) func() {
		session, err := who(ctx)
		return func() {
			before := d.State.Face
			if d.State.Met(session, err, asked) {
				d.In()
			}
			d.focus(before)
		}
	})
}

// Moved follows a new state of the page's connection: the session may be over. To
// somebody who isn't inside any more, the door is shut.
func (d *Door) Moved(s live.State) {
	d.State.Moved(s)
	if d.State.Face != Inside {
		d.shut()
		return
	}
	if s.Phase != live.Waiting {
		return
	}
	// Browsers hide why an attempt failed.
	part.Background(2*api.Timeout, d.Dispatch, func(ctx context.Context) func() {
		who, err := d.Server.Session(ctx)
		why := ""
		if err == nil {
			why = d.refusal(ctx)
		}
		return func() {
			if d.State.Face != Inside {
				return
			}
			d.Refused(why)
			if d.State.Recognised(who, err); d.State.Face != Inside {
				d.shut()
			}
		}
	})
}

// refusal asks why the server takes no connection, if it says so.
func (d *Door) refusal(ctx context.Context) string {
	var p *shared.Problem
	if _, err := d.Server.Handshake(ctx, feed.Path); errors.As(err, &p) {
		return p.Detail
	}
	return ""
}

func (d *Door) shut() {
	d.Out()
	d.focus(Inside)
}

// focus moves the keyboard to where the face that the page shows now needs it.
func (d *Door) focus(before Face) {
	d.After(func() {
		if d.State.Face == SignedOut && d.State.NeedsCode {
			browser.Select(idCode)
			return
		}
		Focus(before, d.State.Face)
	})
}

func (d *Door) onAsk(app.Context, app.Event) {
	defer part.Guard()
	d.State.Problem = ""
	d.Ask()
}

func (d *Door) onSignIn(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if d.State.Busy {
		return
	}
	d.State.Busy, d.State.Problem = true, ""
	in := shared.SignIn{Username: browser.Value(idUsername), Password: browser.Value(idPassword), Code: browser.Value(idCode)}
	d.meet(true, func(ctx context.Context) (shared.StaffSession, error) { return d.Server.SignIn(ctx, in) })
}

func (d *Door) onSignOut(app.Context, app.Event) {
	defer part.Guard()
	if d.State.Busy {
		return
	}
	d.State.Busy = true
	part.Background(api.Timeout, d.Dispatch, func(ctx context.Context) func() {
		err := d.Server.SignOut(ctx)
		return func() {
			if d.State.Left(err) {
				d.shut()
			}
		}
	})
}
