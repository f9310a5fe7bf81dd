package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/httpauth"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/server/socket"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// shop is the API on a database of its own, with two products.
type shop struct {
	api    *API
	store  *sqlite.Store
	staff  *identity.Staff
	server *httptest.Server
	path   string // of the database
	log    *testenv.Log
	wakes  atomic.Int64 // how often a change was told; read it after the answer
	desk   *assist.Desk
	ended  []string // the hashes of shoppers' sessions that sockets were told of
	asked  []string // the addresses of handshakes that were asked about
	seen   map[string]shared.HandshakeRecord
}

// options say what is peculiar to a test's shop.
type options struct {
	secure        bool // browsers come over TLS
	trustedOrigin string

	withoutConsent bool
}

// people is assist.People, as the program has it.
type people struct {
	customers *identity.Customers
	staff     *identity.Staff
}

func (p people) Customer(ctx context.Context, id string) (shared.Customer, bool, error) {
	c, found, err := p.customers.ByID(ctx, id)
	return c.Public(), found, err
}

func (p people) CustomersByEmail(ctx context.Context, email string) (known []shared.Customer, err error) {
	found, err := p.customers.ByEmail(ctx, email)
	for _, c := range found {
		known = append(known, c.Public())
	}
	return known, err
}

func (p people) AddCustomer(ctx context.Context, name, email string) (shared.Customer, error) {
	c, err := p.customers.Add(ctx, name, email)
	return c.Public(), err
}

func (p people) Attenders(ctx context.Context) (names []string, err error) {
	accounts, err := p.staff.List(ctx)
	for _, a := range accounts {
		if slices.Contains(a.Roles, shared.RoleEventListener) {
			names = append(names, a.Username)
		}
	}
	return names, err
}

func open(t *testing.T, o options) *shop {
	t.Helper()
	s := &shop{path: sqlitetest.Path(t), log: testenv.NewLog()}
	var err error
	if s.store, err = sqlite.Open(t.Context(), s.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.store.PutProducts(t.Context(), []shared.Product{mug, lamp}); err != nil {
		t.Fatal(err)
	}
	s.staff = identity.NewStaff(s.store)
	shoppers := identity.NewShoppers(s.store)
	customers := identity.NewCustomers(s.store, s.staff.Hasher())
	auth := httpauth.New(s.staff, shoppers, o.secure)
	hub, err := event.NewHub([]string{shared.ChannelCartActivity}, nil, event.NoSource{}, s.log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	origins, err := socket.NewOrigins("", nil)
	if err != nil {
		t.Fatal(err)
	}
	events := socket.NewEvents(socket.EventsConfig{Hub: hub, Authenticate: auth.Staff, Shopper: auth.ShopperSession, RevalidateShopper: shoppers.Revalidate, Origins: origins, Log: s.log.Logger()})
	carts := cart.NewService(s.store, s.store, func() { s.wakes.Add(1) })
	s.desk = assist.NewDesk(assist.Config{
		Carts: carts, Store: s.store, People: people{customers, s.staff}, WithoutConsent: o.withoutConsent, Log: s.log.Logger(),
	})
	s.api, err = New(Config{
		Carts:      carts,
		Desk:       s.desk,
		Staff:      s.staff,
		Customers:  customers,
		EndShopper: func(hash []byte) { s.ended = append(s.ended, string(hash)) },
		Auth:       auth,
		Gateway:    func() shared.GatewayStatus { return shared.GatewayStatus{Process: "test/1", Connections: 7} },
		Sessions: func(name string) shared.GatewaySessions {
			return shared.GatewaySessions{Process: "test/1", Cursor: name}
		},
		Handshakes: map[string]func(*http.Request) error{
			"/echo": func(r *http.Request) error {
				s.asked = append(s.asked, r.URL.String())
				if r.URL.Query().Get("delay") == "x" {
					return &shared.Problem{Code: shared.CodeInvalid, Field: "delay", Detail: "delay is a number."}
				}
				return nil
			},
			"/events/io": events.MayEnter,
		},
		Witness: func(id string) (shared.HandshakeRecord, bool) {
			record, kept := s.seen[id]
			delete(s.seen, id)
			return record, kept
		},
		Away: func(err error) string {
			if errors.Is(err, errAway) || errors.Is(err, errFull) {
				return "The mine"
			}
			return ""
		},
		StorageFull:   func(err error) bool { return errors.Is(err, errFull) },
		TrustedOrigin: o.trustedOrigin,
		Log:           s.log.Logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	start := httptest.NewServer
	if o.secure {
		start = httptest.NewTLSServer
	}
	s.server = start(s.api)
	t.Cleanup(s.server.Close)
	return s
}

var (
	mug  = shared.Product{SKU: "MUG", Slug: "blue-mug", Name: "Blue mug", Category: "Kitchen", Price: shared.Money{Amount: 1250, Currency: "EUR"}}
	lamp = shared.Product{SKU: "LAMP", Slug: "desk-lamp", Name: "Desk lamp", Category: "Light", Price: shared.Money{Amount: 6900, Currency: "EUR"}}
)

// browser is a client with cookies of its own.
type browser struct {
	*shop
	client *http.Client
}

func (s *shop) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{s, &http.Client{
		Transport:     s.server.Client().Transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}
}

// signedIn returns a browser with a session of a new member of the staff, made in
// the database, since hashing a password takes its time.
func (s *shop) signedIn(t *testing.T, roles ...string) *browser {
	t.Helper()
	return s.signedInAs(t, "staff-"+rand.Text(), roles...)
}

func (s *shop) signedInAs(t *testing.T, name string, roles ...string) *browser {
	t.Helper()
	token := rand.Text()
	if err := s.store.AddStaff(t.Context(), identity.Account{Username: name, PasswordHash: "none", Roles: roles}); err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(token))
	err := s.store.AddSession(t.Context(), identity.Session{Hash: hash[:], Username: name, ExpiresAt: time.Now().Add(time.Hour)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	r := s.request(t, "GET", "/", "")
	b.client.Jar.SetCookies(r.URL, []*http.Cookie{{Name: "cartline_staff", Value: token, Path: "/"}})
	return b
}

// request makes a request of JSON, if there is a body.
func (s *shop) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (b *browser) ask(t *testing.T, method, path, body string) answer {
	t.Helper()
	return b.send(t, b.request(t, method, path, body))
}

// send sends a request, and checks what holds for every answer.
func (b *browser) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s %s: got Cache-Control %q, want no-store", r.Method, r.URL.Path, got)
	}
	return answer{response.StatusCode, response.Header, body}
}

// into decodes an answer that should have status 200.
func into[T any](t *testing.T, a answer) (value T) {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("got status %d, %s: %s", a.status, a.header.Get("Content-Type"), a.body)
	}
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return value
}

// problem decodes an answer that should be a problem, and checks what holds for
// each (RFC 9457).
func problem(t *testing.T, a answer, status int, code shared.Code) (p shared.Problem) {
	t.Helper()
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("got status %d and %q, want a problem: %v", a.status, a.body, err)
	}
	if a.status != status || p.Code != code {
		t.Fatalf("got status %d, code %q (%s), want %d, %q", a.status, p.Code, p.Detail, status, code)
	}
	if got := a.header.Get("Content-Type"); got != shared.ProblemType {
		t.Errorf("got Content-Type %q, want %q", got, shared.ProblemType)
	}
	if p.Status != status || p.Title != http.StatusText(status) || p.Detail == "" {
		t.Errorf("got status %d, title %q, detail %q, want %d, %q and a sentence", p.Status, p.Title, p.Detail, status, http.StatusText(status))
	}
	return p
}

// rows counts what the database holds, by table.
func (s *shop) rows(t *testing.T) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	counts := make(map[string]int)
	for _, table := range []string{"cart", "activity", "shopper_session", "customer"} {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// cookie finds the cookie that an answer sets.
func (a answer) cookie(t *testing.T, name string) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	i := slices.IndexFunc(cookies, func(c *http.Cookie) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("got cookies %v, want %s", cookies, name)
	}
	return cookies[i]
}

// errAway is what the tests' database says when it is away.
var errAway = errors.New("the database is away")

// errFull is what it says when it can't be written to.
var errFull = errors.New("the disk is full")
