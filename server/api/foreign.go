package api

import (
	"errors"
	"log/slog"
	"net/http"

	"cartline/server/assist"
	"cartline/server/httpauth"
	"cartline/server/identity"
	"cartline/shared"
)

// GatewayConfig says what the API of a gateway is made of that stands beside another
// application. All fields are required; those that Config has as well mean the same.
type GatewayConfig struct {
	// Authority tells which of the application's users a request is from.
	Authority     httpauth.Authority
	Gateway       func() shared.GatewayStatus
	Sessions      func(name string) shared.GatewaySessions
	Handshakes    map[string]func(*http.Request) error
	Witness       func(id string) (shared.HandshakeRecord, bool)
	TrustedOrigin string
	Log           *slog.Logger
}

// NewGateway makes the API of a gateway that has no shop and no staff of its own: how it
// stands, and what its page asks for. To sign in and out is the application's.
func NewGateway(config GatewayConfig) (*API, error) {
	return newAPI(Config{
		Gateway:       config.Gateway,
		Sessions:      config.Sessions,
		Handshakes:    config.Handshakes,
		Witness:       config.Witness,
		Away:          func(error) string { return "" },
		StorageFull:   func(error) bool { return false },
		TrustedOrigin: config.TrustedOrigin,
		Log:           config.Log,
	}, func(a *API) map[string]handle {
		return map[string]handle{
			"GET /api/gateway":          a.foreign(config.Authority, a.showGateway),
			"GET /api/gateway/sessions": a.foreign(config.Authority, a.showSessions),
			"GET /api/handshake":        a.showHandshake,
			"GET /api/handshake/{id}":   a.showHandshakeRecord,
			"GET /api/staff/session":    whoIsForeign(a, config.Authority),
			"POST /api/staff/session":   signInElsewhere,
			"DELETE /api/staff/session": signInElsewhere,
			"PUT /api/staff/password":   signInElsewhere,
		}
	})
}

// foreign lets those of another application's users in who may watch the gateway.
func (a *API) foreign(authority httpauth.Authority, next deskHandle) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := foreignStaff(authority, r)
		if err != nil {
			return err
		}
		if !who.Has(shared.RoleEventListener) && !who.Has(shared.RoleAdmin) {
			return &shared.Problem{Code: shared.CodeForbidden, Detail: "Your application says of you neither the role " + shared.RoleEventListener + " nor " + shared.RoleAdmin + ", one of which this needs."}
		}
		return next(w, r, assist.Staff{Name: who.Username, Roles: who.Roles})
	}
}

// foreignStaff asks who somebody is. That this can't be found out is told as such: nobody
// gets in, but it may be worth trying again.
func foreignStaff(authority httpauth.Authority, r *http.Request) (identity.Session, error) {
	who, err := authority.Staff(r)
	var problem *shared.Problem
	if err != nil && !errors.As(err, &problem) {
		return identity.Session{}, errors.Join(err, &shared.Problem{Code: shared.CodeUnavailable, Detail: "Who you are can't be found out at the moment: your application doesn't answer.", RetryAfter: 5})
	}
	return who, err
}

func whoIsForeign(a *API, authority httpauth.Authority) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := foreignStaff(authority, r)
		if err != nil {
			return err
		}
		return a.answer(w, describe(who))
	}
}

func signInElsewhere(http.ResponseWriter, *http.Request) error {
	return &shared.Problem{Code: shared.CodeNotHere, Detail: "This gateway knows no passwords: sign in and out, and change yours, in your application, and load this page again."}
}
