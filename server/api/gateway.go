package api

import (
	"net/http"
	"net/url"
	"strings"

	"cartline/server/assist"
	"cartline/shared"
)

func (a *API) showGateway(w http.ResponseWriter, _ *http.Request, _ assist.Staff) error {
	return a.answer(w, a.Gateway())
}

// showSessions answers why a message did not arrive.
func (a *API) showSessions(w http.ResponseWriter, r *http.Request, _ assist.Staff) error {
	return a.answer(w, a.Sessions(r.URL.Query().Get("name")))
}

// counted tells whoever counts what came of a try to sign in.
func (a *API) counted(whom string, next handle) handle {
	if a.SignedIn == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		err := next(w, r)
		result := "ok"
		if err != nil {
			result = string(shared.ProblemOf(err).Code)
		}
		a.SignedIn(whom, result)
		return err
	}
}

// showHandshake tells a page of ours what a handshake would be answered, since
// browsers don't. The path may have a query, as it would have there.
func (a *API) showHandshake(w http.ResponseWriter, r *http.Request) error {
	address := r.URL.Query().Get("path")
	path, query, _ := strings.Cut(address, "?")
	admit, ok := a.Handshakes[path]
	if !ok {
		return &shared.Problem{Code: shared.CodeNotFound, Field: "path", Detail: "This server has no WebSocket at that address; it has /echo and /events/io."}
	}
	asked := r.Clone(r.Context())
	asked.URL = &url.URL{Path: path, RawQuery: query}
	if err := admit(asked); err != nil {
		return err
	}
	return a.answer(w, shared.Handshake{Path: address, Allowed: true})
}

// showHandshakeRecord tells a page of ours what its handshake looked like to the server.
// Who knows its random id has made it.
func (a *API) showHandshakeRecord(w http.ResponseWriter, r *http.Request) error {
	record, kept := a.Witness(r.PathValue("id"))
	if !kept {
		return &shared.Problem{Code: shared.CodeNotFound, Detail: "No handshake is kept under this id. Each is kept for a minute, and told once."}
	}
	return a.answer(w, record)
}
