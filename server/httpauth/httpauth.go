// Package httpauth finds out from a request's cookies who it is from, and hands
// out the cookies. It joins net/http to package identity and knows nothing else;
// what someone may do is for the caller to decide.
package httpauth

import (
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
}

// New makes an Auth. Secure says that browsers reach us over TLS only: then
// cookies are never sent in clear, and have the prefix __Host-, under which no
// other host of the domain can plant one (RFC 6265bis, section 4.1.3.2).
func New(staff *identity.Staff, shoppers *identity.Shoppers, secure bool) *Auth {
	return &Auth{staff: staff, shoppers: shoppers, secure: secure}
}

// The names of the cookies, to which a secure Auth adds __Host-.
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

// StaffToken returns the token of the request's staff cookie, or "".
func (a *Auth) StaffToken(r *http.Request) string { return a.token(r, staffCookie) }

// SetStaff hands out a staff cookie.
func (a *Auth) SetStaff(w http.ResponseWriter, token string, expires time.Time) {
	http.SetCookie(w, a.cookie(staffCookie, token, expires))
}

// ClearStaff takes the staff cookie back.
func (a *Auth) ClearStaff(w http.ResponseWriter) {
	cookie := a.cookie(staffCookie, "", time.Time{})
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
}

// Shopper returns the ID of the shopper that the request is from, or "" if it
// carries no session, or an old one.
func (a *Auth) Shopper(r *http.Request) (id string, err error) {
	shopper, _, err := a.shoppers.Find(r.Context(), a.token(r, shopperCookie))
	return shopper.ID, err
}

// BeginShopper begins a shopper's session, hands out its cookie and returns the
// shopper's ID.
func (a *Auth) BeginShopper(ctx context.Context, w http.ResponseWriter) (id string, err error) {
	token, shopper, err := a.shoppers.Begin(ctx)
	if err != nil {
		return "", err
	}
	http.SetCookie(w, a.cookie(shopperCookie, token, shopper.ExpiresAt))
	return shopper.ID, nil
}

func (a *Auth) token(r *http.Request, name string) string {
	cookie, err := r.Cookie(a.name(name))
	if err != nil { // there is none
		return ""
	}
	return cookie.Value
}

func (a *Auth) name(name string) string {
	if a.secure {
		return "__Host-" + name
	}
	return name
}

// cookie makes a cookie that scripts can't read and other sites' requests don't
// carry, except for plain links to us.
func (a *Auth) cookie(name, token string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name:     a.name(name),
		Value:    token,
		Path:     "/",
		Expires:  expires,
		HttpOnly: true,
		Secure:   a.secure,
		SameSite: http.SameSiteLaxMode,
	}
}
