package signin

import (
	"errors"
	"slices"
	"time"

	"cartline/app/api"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// Face is which of its faces a page for staff shows.
type Face int

// The faces.
const (
	Checking  Face = iota // it isn't known yet who is there
	SignedOut             // the sign-in form
	Forbidden             // signed in, without the role
	Inside                // what the page is for
)

// ended is said to whoever is signed out without having asked for it.
const ended = "Your session has ended. Sign in again."

// State is who is signed in, as far as a page knows. It is for one goroutine.
type State struct {
	// Role is what the page needs. It is set once.
	Role string

	Face    Face
	Who     shared.StaffSession
	Problem string // above the form, or why the page can't go on
	Busy    bool   // signing in or out
	// NeedsCode is set once the server has asked for the second factor.
	NeedsCode bool

	Change Change // of the password
}

// Has says whether who is signed in has a role.
func (s *State) Has(role string) bool { return slices.Contains(s.Who.Roles, role) }

// Met tells who is signed in, or why that isn't known, and says whether they are now
// inside. asked is false for the question that each page begins with, to which
// "nobody" is no error.
func (s *State) Met(who shared.StaffSession, err error, asked bool) (inside bool) {
	s.Busy = false
	var p *shared.Problem
	switch {
	case err == nil:
		before := s.Face
		s.Who, s.Problem, s.Face, s.NeedsCode = who, "", Inside, false
		if !s.Has(s.Role) {
			s.Face = Forbidden
			if before == Forbidden {
				s.Problem = "The account still lacks it."
			}
		}
		return s.Face == Inside
	case errors.As(err, &p) && p.Status == 401 && !asked:
		s.Face, s.Problem = SignedOut, ""
	case !asked:
		// Who is there may well be signed in, so the form would be wrong.
		s.Face, s.Problem = Checking, Said(err)
	case errors.As(err, &p) && p.Code == shared.CodeSecondFactor:
		s.Face, s.Problem, s.NeedsCode = SignedOut, "", true
	default:
		s.Face, s.Problem = SignedOut, Said(err)
		if p != nil && p.Code == shared.CodeBadCredentials && p.Field != "code" {
			s.NeedsCode = false // it is about the password again
		}
	}
	return false
}

// Leave goes back to the form, and says why.
func (s *State) Leave(why string) {
	s.Face, s.Problem, s.Busy, s.Who = SignedOut, why, false, shared.StaffSession{}
	s.NeedsCode, s.Change = false, Change{}
}

// Left takes what came of signing out, and says whether it is done. The form comes
// only then, as who sees it may leave the desk.
func (s *State) Left(err error) bool {
	var p *shared.Problem
	if err != nil && (!errors.As(err, &p) || p.Status != 401) {
		s.Busy = false
		s.Problem = "You are still signed in. " + Said(err)
		return false
	}
	s.Leave("")
	return true
}

// Moved takes a new state of the page's connection, whose end for good may be that of
// the session.
func (s *State) Moved(to live.State) {
	var closed *live.CloseError
	if to.Phase != live.Ended || !errors.As(to.Err, &closed) {
		return
	}
	switch closed.Code {
	case shared.CloseSessionEnded:
		s.Leave(ended)
	case shared.CloseForbidden:
		s.Face = Forbidden
	}
}

// Recognised takes who is signed in while the connection is lost, as a handshake
// that fails doesn't tell.
func (s *State) Recognised(who shared.StaffSession, err error) {
	if s.Face != Inside {
		return
	}
	var p *shared.Problem
	switch {
	case errors.As(err, &p) && p.Status == 401:
		s.Leave(ended)
	case err == nil && !slices.Contains(who.Roles, s.Role):
		s.Who, s.Face = who, Forbidden
	}
}

// Said puts an error of a call into words.
func Said(err error) string {
	var p *shared.Problem
	switch {
	case errors.As(err, &p):
		text := p.Detail
		if p.RetryAfter > 0 {
			text += " Try again in " + part.Duration(time.Duration(p.RetryAfter)*time.Second) + "."
		}
		return text
	case errors.Is(err, api.ErrUnreachable):
		return "The server can't be reached. Is it still running?"
	default:
		return "The server's answer can't be read."
	}
}
