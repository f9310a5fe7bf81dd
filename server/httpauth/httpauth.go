// Package httpauth finds out from a request's cookies who it is from, and hands
// out the cookies. It joins net/http to package identity and knows nothing else;
// what someone may do is for the caller to decide.
package httpauth

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"cartline/server/httplog"
	"cartline/server/identity"
)

// Auth reads and writes the cookies of staff and of shoppers. One browser may
// carry both.
type Auth struct {
	staff    *identity.Staff
	shoppers *identity.Shoppers
	secure   bool
	path     string // of the cookies
}

// New makes an Auth. Secure says that browsers reach us over TLS only: then
// cookies are never sent in clear, and have the prefix __Host-, under which no
// other host of the domain can plant one (RFC 6265bis, section 4.1.3.2).
func New(staff *identity.Staff, shoppers *identity.Shoppers, secure bool) *Auth {
	return &Auth{staff: staff, shoppers: shoppers, secure: secure, path: "/"}
}

// Below returns an Auth whose cookies are sent below a path only, like /live, so that
// what else is served by the host doesn't see them. A prefix __Host- allows no path; they
// have __Secure- instead. "" and "/" mean the whole host.
func (a *Auth) Below(path string) *Auth {
	below := *a
	below.path = cmp.Or(path, "/")
	return &below
}

// The names of the cookies, to which a secure Auth adds __Host- or __Secure-.
const (
	staffCookie   = "cartline_staff"
	shopperCookie = "cartline_shopper"
)

// Staff returns the session of the staff that the request is from, or a
// *shared.Problem with CodeUnauthorized.
func (a *Auth) Staff(r *http.Request) (identity.Session, error) {
	session, err := a.staff.Authenticate(r.Context(), a.StaffToken(r))
	if err == nil {
		httplog.SetUser(r, session.Username)
	}
	return session, err
}

// Revalidate implements Authority.
func (a *Auth) Revalidate(ctx context.Context, session identity.Session) (identity.Session, error) {
	return a.staff.Revalidate(ctx, session.Hash)
}

// StaffToken returns the token of the request's staff cookie, or "".
func (a *Auth) StaffToken(r *http.Request) string { return a.token(r, staffCookie) }

// SetStaff hands out a staff cookie.
func (a *Auth) SetStaff(w http.ResponseWriter, token string, expires time.Time) {
	http.SetCookie(w, a.cookie(staffCookie, token, expires))
}

// ClearStaff takes the staff cookie back.
func (a *Auth) ClearStaff(w http.ResponseWriter) { a.clear(w, staffCookie) }

// ShopperSession returns the session of the shopper that the request is from, and
// whether it carries one that is still valid.
func (a *Auth) ShopperSession(r *http.Request) (identity.Shopper, bool, error) {
	return a.shoppers.Find(r.Context(), a.ShopperToken(r))
}

// ShopperToken returns the token of the request's shopper cookie, or "".
func (a *Auth) ShopperToken(r *http.Request) string { return a.token(r, shopperCookie) }

// SetShopper hands out a shopper cookie.
func (a *Auth) SetShopper(w http.ResponseWriter, token string, expires time.Time) {
	http.SetCookie(w, a.cookie(shopperCookie, token, expires))
}

// ClearShopper takes the shopper cookie back.
func (a *Auth) ClearShopper(w http.ResponseWriter) { a.clear(w, shopperCookie) }

// BeginShopper returns the session of the shopper that the request is from or, if
// it carries none that is valid, begins a guest's and hands out its cookie.
func (a *Auth) BeginShopper(w http.ResponseWriter, r *http.Request) (identity.Shopper, error) {
	shopper, found, err := a.ShopperSession(r)
	if err != nil || found {
		return shopper, err
	}
	token, shopper, err := a.shoppers.Begin(r.Context())
	if err != nil {
		return identity.Shopper{}, err
	}
	a.SetShopper(w, token, shopper.ExpiresAt)
	return shopper, nil
}

func (a *Auth) token(r *http.Request, name string) string {
	cookie, err := r.Cookie(a.name(name))
	if err != nil { // there is none
		return ""
	}
	return cookie.Value
}

func (a *Auth) clear(w http.ResponseWriter, name string) {
	cookie := a.cookie(name, "", time.Time{})
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
}

func (a *Auth) name(name string) string {
	switch {
	case !a.secure:
		return name
	case a.path != "/":
		return "__Secure-" + name
	}
	return "__Host-" + name
}

// cookie makes a cookie that scripts can't read and other sites' requests don't
// carry, except for plain links to us.
func (a *Auth) cookie(name, token string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name:     a.name(name),
		Value:    token,
		Path:     a.path,
		Expires:  expires,
		HttpOnly: true,
		Secure:   a.secure,
		SameSite: http.SameSiteLaxMode,
	}
}
