package httpauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cartline/server/httpauth"
	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const password = "correct horse"

// open returns an Auth over a database of its own, with one member of the staff.
func open(t *testing.T, secure bool) (*httpauth.Auth, *identity.Staff, *sqlite.Store) {
	t.Helper()
	store := sqlitetest.Open(t)
	staff := identity.NewStaff(store)
	if err := staff.Add(t.Context(), "ann", password, nil); err != nil {
		t.Fatal(err)
	}
	return httpauth.New(staff, identity.NewShoppers(store), secure), staff, store
}

// request carries the cookies that w handed out, as a browser would: one that is
// taken back is not sent.
func request(w *httptest.ResponseRecorder) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge >= 0 {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	return r
}

func TestCookies(t *testing.T) {
	for _, secure := range []bool{false, true} {
		auth, staff, _ := open(t, secure)
		token, session, err := staff.SignIn(t.Context(), "192.0.2.1", shared.SignIn{Username: "ann", Password: password}, "")
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		auth.SetStaff(w, token, session.ExpiresAt)
		began, err := auth.BeginShopper(w, request(httptest.NewRecorder()))
		if err != nil || began.ID == "" {
			t.Fatalf("BeginShopper: got %+v, %v", began, err)
		}
		prefix := ""
		if secure {
			prefix = "__Host-"
		}
		want := map[string]time.Duration{
			prefix + "cartline_staff":   identity.StaffLifetime,
			prefix + "cartline_shopper": identity.ShopperLifetime,
		}
		cookies := w.Result().Cookies()
		if len(cookies) != len(want) {
			t.Fatalf("got %d cookies, want %d", len(cookies), len(want))
		}
		for _, c := range cookies {
			lifetime, known := want[c.Name]
			if !known || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != secure || c.Path != "/" || c.Domain != "" {
				t.Errorf("secure %t: got %v", secure, c)
			}
			if left := time.Until(c.Expires); left > lifetime || left < lifetime-time.Minute {
				t.Errorf("%s: expires in %v, want %v", c.Name, left, lifetime)
			}
		}

		r := request(w)
		if got, _, err := auth.ShopperSession(r); got.ID != began.ID || err != nil {
			t.Errorf("Shopper: got %q, %v, want %q", got, err, began.ID)
		}
		if got, err := auth.Staff(r); got.Username != "ann" || err != nil {
			t.Errorf("Staff: got %+v, %v, want ann", got, err)
		}
		if got := auth.StaffToken(r); got != token {
			t.Errorf("StaffToken: got %q, want %q", got, token)
		}
		// Neither stands for the other.
		swapped := httptest.NewRequest("GET", "/", nil)
		for _, c := range cookies {
			name := prefix + "cartline_staff"
			if c.Name == name {
				name = prefix + "cartline_shopper"
			}
			swapped.AddCookie(&http.Cookie{Name: name, Value: c.Value})
		}
		if got, _, err := auth.ShopperSession(swapped); got.ID != "" || err != nil {
			t.Errorf("Shopper with the token of staff: got %q, %v, want nobody", got, err)
		}
		if got, err := auth.Staff(swapped); shared.ProblemOf(err).Code != shared.CodeUnauthorized {
			t.Errorf("Staff with the token of a shopper: got %+v, %v, want unauthorized", got, err)
		}

		for name, clear := range map[string]func(http.ResponseWriter){"cartline_staff": auth.ClearStaff, "cartline_shopper": auth.ClearShopper} {
			w = httptest.NewRecorder()
			clear(w)
			if c := w.Result().Cookies()[0]; c.Name != prefix+name || c.Value != "" || c.MaxAge >= 0 || c.Secure != secure || c.Path != "/" {
				t.Errorf("got %v, want %s taken back", c, name)
			}
		}
	}
}

// TestBeginShopper: who has a session keeps it, a customer's as well as a guest's;
// who has none, or one that has ended, gets a guest's.
func TestBeginShopper(t *testing.T) {
	auth, staff, store := open(t, false)
	customers := identity.NewCustomers(store, staff.Hasher())
	ann, err := customers.Add(t.Context(), "Ann", "")
	if err != nil {
		t.Fatal(err)
	}
	token, annsSession, err := customers.Begin(t.Context(), ann, "")
	if err != nil {
		t.Fatal(err)
	}
	signedIn := httptest.NewRecorder()
	auth.SetShopper(signedIn, token, annsSession.ExpiresAt)
	guest := httptest.NewRecorder()
	guestsSession, err := auth.BeginShopper(guest, request(httptest.NewRecorder()))
	if err != nil || guestsSession.Customer != "" {
		t.Fatalf("got %+v, %v, want a guest's session", guestsSession, err)
	}
	for name, test := range map[string]struct {
		browser *httptest.ResponseRecorder
		want    identity.Shopper
	}{"customer": {signedIn, annsSession}, "guest": {guest, guestsSession}} {
		w := httptest.NewRecorder()
		got, err := auth.BeginShopper(w, request(test.browser))
		if err != nil || got.ID != test.want.ID || got.Customer != test.want.Customer || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: got %+v, %v and cookies %v; want %+v kept", name, got, err, w.Result().Cookies(), test.want)
		}
		found, ok, err := auth.ShopperSession(request(test.browser))
		if err != nil || !ok || found.ID != test.want.ID || found.Customer != test.want.Customer {
			t.Errorf("%s: got %+v, %v, %v; want %+v", name, found, ok, err, test.want)
		}
	}
	if got := auth.ShopperToken(request(signedIn)); got != token {
		t.Errorf("ShopperToken: got %q, want %q", got, token)
	}

	if err := customers.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	got, err := auth.BeginShopper(w, request(signedIn))
	if err != nil || got.ID == "" || got.ID == annsSession.ID || got.Customer != "" {
		t.Errorf("with an old cookie: got %+v, %v, want a new guest", got, err)
	}
	if found, ok, err := auth.ShopperSession(request(w)); err != nil || !ok || found.ID != got.ID {
		t.Errorf("with the new cookie: got %+v, %v, %v; want %+v", found, ok, err, got)
	}
}

// TestSecureIgnoresPlainCookies: what a page without TLS can plant is not looked
// at.
func TestSecureIgnoresPlainCookies(t *testing.T) {
	auth, _, _ := open(t, true)
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "cartline_staff", Value: "planted"})
	if got := auth.StaffToken(r); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func TestNobody(t *testing.T) {
	auth, _, _ := open(t, false)
	r := httptest.NewRequest("GET", "/", nil)
	if _, err := auth.Staff(r); shared.ProblemOf(err).Code != shared.CodeUnauthorized {
		t.Errorf("Staff: got %v, want unauthorized", err)
	}
	if who, _, err := auth.ShopperSession(r); who.ID != "" || err != nil {
		t.Errorf("Shopper: got %q, %v, want nobody", who.ID, err)
	}
	if _, found, err := auth.ShopperSession(r); found || err != nil {
		t.Errorf("ShopperSession: got %v, %v, want nobody", found, err)
	}
	if got := auth.ShopperToken(r); got != "" {
		t.Errorf("ShopperToken: got %q, want none", got)
	}
}

// TestStaffNamesTheUser looks at the request's line in the log.
func TestStaffNamesTheUser(t *testing.T) {
	auth, staff, _ := open(t, false)
	token, _, err := staff.SignIn(t.Context(), "192.0.2.1", shared.SignIn{Username: "ann", Password: password}, "")
	if err != nil {
		t.Fatal(err)
	}
	log := testenv.NewLog()
	handler := httplog.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := auth.Staff(r); err != nil {
			t.Error(err)
		}
	}), log.Logger())
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "cartline_staff", Value: token})
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if got := log.Records("request"); len(got) != 1 || got[0]["user"] != "ann" {
		t.Errorf("got %v, want the user's name", got)
	}
}

// TestDatabaseErrors: that somebody can't be looked up doesn't make them nobody.
func TestDatabaseErrors(t *testing.T) {
	auth, _, store := open(t, false)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "cartline_staff", Value: "some"})
	r.AddCookie(&http.Cookie{Name: "cartline_shopper", Value: "some"})
	_, staffErr := auth.Staff(r)
	_, _, shopperErr := auth.ShopperSession(r)
	w := httptest.NewRecorder()
	_, beginErr := auth.BeginShopper(w, r)
	_, freshErr := auth.BeginShopper(w, httptest.NewRequest("GET", "/", nil))
	for what, err := range map[string]error{"Staff": staffErr, "Shopper": shopperErr, "BeginShopper": beginErr, "BeginShopper of a guest": freshErr} {
		if problem := (*shared.Problem)(nil); err == nil || errors.As(err, &problem) {
			t.Errorf("%s: got %v, want the database's error", what, err)
		}
	}
	if got := w.Result().Cookies(); len(got) != 0 {
		t.Errorf("got cookies %v, want none", got)
	}
}

// TestCookiesBelow: below a path, cookies are for that path, which a prefix __Host- forbids.
func TestCookiesBelow(t *testing.T) {
	for secure, prefix := range map[bool]string{false: "", true: "__Secure-"} {
		whole, _, _ := open(t, secure)
		auth := whole.Below("/live")
		w := httptest.NewRecorder()
		began, err := auth.BeginShopper(w, httptest.NewRequest("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		cookies := w.Result().Cookies()
		if len(cookies) != 1 || cookies[0].Name != prefix+"cartline_shopper" || cookies[0].Path != "/live" || cookies[0].Secure != secure {
			t.Fatalf("got %v", cookies)
		}
		if got, found, err := auth.ShopperSession(request(w)); err != nil || !found || got.ID != began.ID {
			t.Errorf("got %+v, %v, %v", got, found, err)
		}
		w = httptest.NewRecorder()
		auth.ClearShopper(w)
		if c := w.Result().Cookies()[0]; c.Path != "/live" || c.MaxAge >= 0 {
			t.Errorf("got %v, want it taken back", c)
		}
		if same := whole.Below(""); same.StaffToken(httptest.NewRequest("GET", "/", nil)) != "" {
			t.Error("got a token from nowhere")
		}
	}
}
