package httpauth

import (
	"context"
	"net/http"

	"cartline/server/foreign"
	"cartline/server/identity"
)

// Authority tells which of an existing application's users a request is from. Auth is
// one, with our own staff; package foreign asks somebody else's application.
type Authority interface {
	// Staff returns the session of whoever a request is from, or a *shared.Problem
	// with CodeUnauthorized or CodeForbidden. With any other error it can't be found
	// out, and nobody gets in.
	Staff(r *http.Request) (identity.Session, error)

	// Revalidate looks a session up again, whose Proof it made. It fails as Staff does.
	Revalidate(ctx context.Context, session identity.Session) (identity.Session, error)
}

var (
	_ Authority = (*Auth)(nil)
	_ Authority = (*foreign.Authority)(nil)
)
