package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"cartline/server/identity"
	"cartline/server/identity/identitytest"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// Sessions in Redis keep the contract that those in a database keep.
func TestSessionsInRedisContract(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"PostgreSQL": func(t *testing.T) string { return testenv.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			identitytest.RunShoppers(t, func(t *testing.T) identity.Store {
				database := ok[store](t)(openStore(t.Context(), address(t)))
				flag := sessionsFlag{Sessions: testenv.Redis(t).URL()}
				s := ok[store](t)(flag.with(database))
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				return s
			})
		})
	}
}

// A customer is signed in at both processes, and signed out of both. Nothing of it is in
// the database; the account is, and so are carts and staff.
func TestSessionsInRedis(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		server := testenv.Redis(t)
		flags := []string{"--database", database, "--sessions", server.URL()}
		one, other := start(t, flags...), start(t, flags...)
		here := one.visitor(t)
		there := &visitor{other, here.client} // the same browser, led to the other
		here.ask(t, "POST", "/api/customers", `{"name":"Ann","email":"ann@example.com","password":"correct horse"}`, nil)
		var session shared.CustomerSession
		there.ask(t, "GET", "/api/customer/session", "", &session)
		if session.Customer == nil || session.Customer.Name != "Ann" {
			t.Fatalf("got %+v, want ann", session.Customer)
		}
		inDatabase := ok[store](t)(openStore(t.Context(), database))
		kept, err := inDatabase.ShoppersOf(t.Context(), session.Customer.ID)
		if err != nil || len(kept) != 0 {
			t.Errorf("got %v, %v; want no session in the database", kept, err)
		}
		if err := inDatabase.Close(); err != nil {
			t.Error(err)
		}
		for _, end := range []func(){
			func() { here.ask(t, "DELETE", "/api/customer/session", "", nil) },
			func() {
				must(t, "", "customer", "erase", "ann@example.com", "--yes", "--database", database, "--sessions", server.URL())
			},
		} {
			here.ask(t, "POST", "/api/customer/session", `{"email":"ann@example.com","password":"correct horse"}`, nil)
			socket := there.open(t, "/events/io")
			socket.listen(t, shared.ChannelMyCart)
			end()
			socket.wantClose(t, shared.CloseSessionEnded)
		}
	})
}

// While Redis is away, who shops is told to try again, and nobody is let in; staff work
// on. It may be away at the start.
func TestRedisIsAway(t *testing.T) {
	server := testenv.Redis(t)
	server.Kill()
	database := "sqlite:" + t.TempDir() + "/shop.db"
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", database, "--sessions", server.URL())
	s.waitLog(t, "nobody can shop until they can")
	shopper, staff := s.visitor(t), s.visitor(t)
	staff.signInDemo(t)
	var products struct {
		Products []shared.Product `json:"products"`
	}
	shopper.ask(t, "GET", "/api/products", "", &products)
	add := func() (status int, answer []byte) {
		return shopper.try(t, "PUT", "/api/cart/lines/"+products.Products[0].SKU, `{"quantity":1}`)
	}
	for range 2 {
		if got, answer := add(); got != http.StatusServiceUnavailable || !strings.Contains(string(answer), "What keeps shoppers' sessions doesn't answer") {
			t.Errorf("without Redis: got %d %s, want 503 and what is away", got, answer)
		}
		staff.ask(t, "GET", "/api/carts", "", &struct{}{})
		status, body := staff.try(t, "GET", "/readyz", "")
		if status != http.StatusOK || !strings.Contains(string(body), `"name":"database","ok":true`) || !strings.Contains(string(body), `"name":"sessions","ok":false`) {
			t.Errorf("got %d %s, want 200, since staff can work, and a word about the sessions", status, body)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "somebody to shop", func() bool { status, _ := add(); return status == http.StatusOK })
		server.Kill()
	}
}

// A customer's session is worth nothing once the account is gone, though whoever erased it
// didn't know of Redis.
func TestErasedWithoutRedis(t *testing.T) {
	server := testenv.Redis(t)
	database := "sqlite:" + t.TempDir() + "/shop.db"
	s := start(t, "--database", database, "--sessions", server.URL())
	ann := s.visitor(t)
	ann.ask(t, "POST", "/api/customers", `{"name":"Ann","email":"ann@example.com","password":"correct horse"}`, nil)
	must(t, "", "customer", "erase", "ann@example.com", "--yes", "--database", database)
	var session shared.CustomerSession
	ann.ask(t, "GET", "/api/customer/session", "", &session)
	if session.Customer != nil {
		t.Errorf("got %+v, want nobody", session.Customer)
	}
}
