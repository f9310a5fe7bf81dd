package api

import (
	"net/http"

	"cartline/server/assist"
	"cartline/shared"
)

func (a *API) showGateway(w http.ResponseWriter, _ *http.Request, _ assist.Staff) error {
	return a.answer(w, a.Gateway())
}

// showHandshake tells a page of ours what a handshake would be answered, since
// browsers don't.
func (a *API) showHandshake(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Query().Get("path")
	admit, ok := a.Handshakes[path]
	if !ok {
		return &shared.Problem{Code: shared.CodeNotFound, Field: "path", Detail: "This server has no WebSocket at that address; it has /echo and /events/io."}
	}
	if err := admit(r); err != nil {
		return err
	}
	return a.answer(w, shared.Handshake{Path: path, Allowed: true})
}
