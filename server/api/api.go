package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/httpauth"
	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/shared"
)

// Config says what the API is made of. All fields are required.
type Config struct {
	Carts     *cart.Service
	Desk      *assist.Desk
	Staff     *identity.Staff
	Customers *identity.Customers
	Auth      *httpauth.Auth
	// EndShopper ends the sockets that hang on a shopper's session, by its hash.
	EndShopper func(hash []byte)
	// Gateway describes the gateway at this moment.
	Gateway func() shared.GatewayStatus
	// Sessions tells of those sessions whose name contains a text what they were told.
	Sessions func(name string) shared.GatewaySessions
	// SignedIn is told of each try to sign in, of whom ("staff" or "customer"), and what
	// came of it: "ok", or the problem's code. It may be nil.
	SignedIn func(whom, result string)
	// Handshakes tells, by the path of a socket, whether a request of this
	// server's own pages would be let in, or why not.
	Handshakes map[string]func(*http.Request) error
	// Witness tells, once, what was seen of the handshake with an id of its own.
	Witness func(id string) (shared.HandshakeRecord, bool)
	// Away says, for people, what an error means is away, like "The database", or "" if
	// it doesn't mean that.
	Away func(error) string
	// StorageFull tells whether an error means that nothing can be written to the
	// database.
	StorageFull func(error) bool
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
func New(config Config) (*API, error) { return newAPI(config, (*API).routes) }

func newAPI(config Config, routes func(*API) map[string]handle) (*API, error) {
	a := &API{Config: config, mux: http.NewServeMux(), csrf: http.NewCrossOriginProtection()}
	if config.TrustedOrigin != "" {
		if err := a.csrf.AddTrustedOrigin(config.TrustedOrigin); err != nil {
			return nil, err
		}
	}
	for pattern, handle := range routes(a) {
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
		"GET /api/categories":      a.listCategories,

		"GET /api/cart":                a.own(a.showOwnCart),
		"PUT /api/cart/lines/{sku}":    a.own(a.setOwnLine),
		"DELETE /api/cart/lines/{sku}": a.own(a.removeOwnLine),
		"POST /api/cart/undo":          ownDeed(a, a.Carts.Undo),
		"POST /api/cart/order":         ownDeed(a, a.Carts.PlaceOrder),
		"GET /api/cart/orders":         a.own(a.listOwnOrders),
		"POST /api/cart/code":          a.own(a.newCode),
		"DELETE /api/cart/code":        a.own(a.dropCode),
		"POST /api/cart/help":          a.own(a.askHelp),
		"DELETE /api/cart/help":        a.own(a.endHelp),
		"POST /api/cart/knock":         ownDeed(a, a.Desk.AnswerKnock),
		"POST /api/cart/stop":          ownDeed(a, a.Desk.Stop),
		"POST /api/cart/pageview":      a.own(a.viewPage),
		"POST /api/cart/links/{link}":  a.own(a.moveLink),

		"POST /api/customers":          a.signUp,
		"POST /api/customer/session":   a.counted("customer", a.signInCustomer),
		"GET /api/customer/session":    a.showCustomer,
		"DELETE /api/customer/session": a.signOutCustomer,

		"POST /api/staff/session":   a.counted("staff", a.signIn),
		"GET /api/staff/session":    a.whoAmI,
		"DELETE /api/staff/session": a.signOut,
		"PUT /api/staff/password":   a.changePassword,

		"GET /api/desk":                      a.desk(a.showDesk),
		"GET /api/carts":                     a.desk(a.listCarts),
		"POST /api/carts":                    a.desk(a.startPhoneOrder),
		"POST /api/carts/find":               a.desk(a.findCart),
		"GET /api/carts/{id}":                a.desk(a.showCart),
		"GET /api/carts/{id}/activity":       a.desk(a.showTimeline),
		"POST /api/carts/{id}/claim":         a.desk(a.claim),
		"DELETE /api/carts/{id}/claim":       a.desk(a.release),
		"POST /api/carts/{id}/knock":         a.plainDeed(a.Desk.Knock),
		"POST /api/carts/{id}/handover":      deed(a, a.Desk.OfferHandover),
		"DELETE /api/carts/{id}/handover":    a.plainDeed(a.Desk.EndHandover),
		"PUT /api/carts/{id}/lines/{sku}":    a.desk(a.setLine),
		"DELETE /api/carts/{id}/lines/{sku}": a.desk(a.removeLine),
		"POST /api/carts/{id}/undo":          deed(a, a.Desk.Undo),
		"PUT /api/carts/{id}/discount":       deed(a, a.Desk.SetDiscount),
		"DELETE /api/carts/{id}/discount":    a.desk(a.removeDiscount),
		"POST /api/carts/{id}/links":         a.desk(a.sendLink),
		"POST /api/carts/{id}/notes":         deed(a, a.Desk.WriteNote),
		"POST /api/carts/{id}/order":         deed(a, a.Desk.PlaceOrder),
		"GET /api/audit":                     a.staffWith(shared.RoleAdmin, a.showAudit),

		"GET /api/gateway":          a.desk(a.showGateway),
		"GET /api/gateway/sessions": a.desk(a.showSessions),
		"GET /api/handshake":        a.showHandshake,
		"GET /api/handshake/{id}":   a.showHandshakeRecord,
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
		httplog.SetRoute(r, r.Pattern)
		if err := handle(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
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
