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
			a.Log.WarnContext(r.Context(), "sign-in refused", "username", in.Username, "remote", httplog.RemoteHost(r), "code", problem.Code, "field", problem.Field)
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

// changePassword answers whoever is signed in, whose other sessions end.
func (a *API) changePassword(w http.ResponseWriter, r *http.Request) error {
	session, err := a.Auth.Staff(r)
	if err != nil {
		return err
	}
	in, err := read[shared.ChangePassword](w, r)
	if err != nil {
		return err
	}
	err = a.Staff.ChangePassword(r.Context(), httplog.RemoteHost(r), session, in)
	switch {
	case err == nil:
		a.Log.InfoContext(r.Context(), "password changed", "username", session.Username, "remote", httplog.RemoteHost(r))
	case shared.ProblemOf(err).Code == shared.CodeBadCredentials, shared.ProblemOf(err).Code == shared.CodeTooMany:
		a.Log.WarnContext(r.Context(), "change of the password refused", "username", session.Username, "remote", httplog.RemoteHost(r), "code", shared.ProblemOf(err).Code)
	}
	return a.done(w, err)
}

func describe(session identity.Session) shared.StaffSession {
	return shared.StaffSession{
		Username:  session.Username,
		Roles:     append([]string{}, session.Roles...),
		ExpiresAt: session.ExpiresAt,
	}
}
