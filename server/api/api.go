package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"cartline/server/cart"
	"cartline/server/httpauth"
	"cartline/server/identity"
	"cartline/shared"
)

// Config says what the API is made of. All fields are required.
type Config struct {
	Carts *cart.Service
	Staff *identity.Staff
	Auth  *httpauth.Auth
	// Gateway describes the gateway at this moment.
	Gateway func() shared.GatewayStatus
	// Handshakes tells, by the path of a socket, whether a request of this
	// server's own pages would be let in, or why not.
	Handshakes map[string]func(*http.Request) error
	// Unavailable tells whether an error means that the database is away.
	Unavailable func(error) bool
	// TrustedOrigin is the origin of our own pages where it can't be told from
	// the request, or "".
	TrustedOrigin string
	Log           *slog.Logger
}

// API answers requests under /api/.
type API struct {
	Config
	mux  *http.ServeMux
	csrf *http.CrossOriginProtection
}

// New makes an API.
func New(config Config) (*API, error) {
	a := &API{Config: config, mux: http.NewServeMux(), csrf: http.NewCrossOriginProtection()}
	if config.TrustedOrigin != "" {
		if err := a.csrf.AddTrustedOrigin(config.TrustedOrigin); err != nil {
			return nil, err
		}
	}
	for pattern, handle := range a.routes() {
		a.mux.Handle(pattern, a.handler(handle))
	}
	a.mux.HandleFunc("/", a.noRoute)
	return a, nil
}

// handle answers a request, or returns an error that is answered as a problem.
type handle func(w http.ResponseWriter, r *http.Request) error

// routes lists what the API offers.
func (a *API) routes() map[string]handle {
	return map[string]handle{
		"GET /api/products":        a.listProducts,
		"GET /api/products/{slug}": a.showProduct,

		"GET /api/cart":                a.showOwnCart,
		"PUT /api/cart/lines/{sku}":    a.setOwnLine,
		"DELETE /api/cart/lines/{sku}": a.removeOwnLine,

		"POST /api/staff/session":   a.signIn,
		"GET /api/staff/session":    a.whoAmI,
		"DELETE /api/staff/session": a.signOut,

		"GET /api/carts":      a.staffOnly(shared.RoleEventListener, a.listCarts),
		"GET /api/carts/{id}": a.staffOnly(shared.RoleEventListener, a.showCart),
		"GET /api/gateway":    a.staffOnly(shared.RoleEventListener, a.showGateway),
		"GET /api/handshake":  a.showHandshake,
	}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Nothing here is for a cache: it differs from person to person.
	w.Header().Set("Cache-Control", "no-store")
	if err := a.csrf.Check(r); err != nil {
		a.fail(w, r, &shared.Problem{Code: shared.CodeCrossOrigin, Detail: "A page of another site may not do this."})
		return
	}
	if !legible(r.URL) {
		a.fail(w, r, &shared.Problem{Code: shared.CodeInvalid, Detail: "The address is not well-formed UTF-8 text."})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	a.mux.ServeHTTP(w, r.WithContext(ctx))
}

// requestTimeout bounds how long a request waits for the database.
const requestTimeout = 15 * time.Second

// legible tells whether all that an address says is text that a database can
// take.
func legible(address *url.URL) bool {
	query, err := url.QueryUnescape(address.RawQuery)
	return err == nil && isText(address.Path) && isText(query)
}

// isText tells whether a string is UTF-8 without NUL, as PostgreSQL asks for.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

func (a *API) handler(handle handle) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
}

// staffOnly lets staff with a role in.
func (a *API) staffOnly(role string, next handle) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := a.Auth.Staff(r)
		if err != nil {
			return err
		}
		if !who.Has(role) {
			return &shared.Problem{Code: shared.CodeForbidden, Detail: "Your account doesn't have the role " + role + ", which this needs."}
		}
		return next(w, r)
	}
}

// noRoute answers what no route does: 405 if the path exists for another method,
// else 404.
func (a *API) noRoute(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/" {
			w.Header().Add("Allow", method)
		}
	}
	if allowed := w.Header().Values("Allow"); len(allowed) > 0 {
		a.fail(w, r, &shared.Problem{Code: shared.CodeMethod, Detail: r.Method + " is not for this address."})
		return
	}
	a.fail(w, r, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is nothing at this address."})
}
