package api

import (
	"net/http"

	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/shared"
)

func (a *API) signIn(w http.ResponseWriter, r *http.Request) error {
	in, err := read[shared.SignIn](w, r)
	if err != nil {
		return err
	}
	token, session, err := a.Staff.SignIn(r.Context(), httplog.RemoteHost(r), in, a.Auth.StaffToken(r))
	if err != nil {
		if problem := shared.ProblemOf(err); problem.Code == shared.CodeBadCredentials || problem.Code == shared.CodeTooMany {
			a.Log.Warn("sign-in refused", "username", in.Username, "remote", httplog.RemoteHost(r), "code", problem.Code)
		}
		return err
	}
	httplog.SetUser(r, session.Username)
	a.Auth.SetStaff(w, token, session.ExpiresAt)
	return a.answer(w, describe(session))
}

func (a *API) whoAmI(w http.ResponseWriter, r *http.Request) error {
	session, err := a.Auth.Staff(r)
	if err != nil {
		return err
	}
	return a.answer(w, describe(session))
}

func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := a.Staff.SignOut(r.Context(), a.Auth.StaffToken(r)); err != nil {
		return err
	}
	a.Auth.ClearStaff(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func describe(session identity.Session) shared.StaffSession {
	return shared.StaffSession{
		Username:  session.Username,
		Roles:     append([]string{}, session.Roles...),
		ExpiresAt: session.ExpiresAt,
	}
}
