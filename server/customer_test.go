package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// onBoth runs a test on an empty database of either kind.
func onBoth(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "shop.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, testenv.Postgres(t)) })
}

// withRegister does something with a database, which it closes.
func withRegister(t *testing.T, database string, do func(register)) {
	t.Helper()
	s, err := openStore(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	do(newRegister(s))
}

func ok[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	return string(ok[[]byte](t)(json.Marshal(value)))
}

// persons are two customers with an account, and one with the first one's address,
// whom staff have noted.
type persons struct{ ann, bob, noted identity.Customer }

// fill gives Ann a session, an order, and a cart with a note; and Bob a cart.
func fill(t *testing.T, database string) (p persons) {
	t.Helper()
	withRegister(t, database, func(r register) {
		ctx := t.Context()
		account := ok[identity.Customer](t)
		p.ann = account(r.SignUp(ctx, "a", shared.SignUp{Name: "Ann Lee", Email: "Ann@Example.com", Password: "correct horse"}))
		p.bob = account(r.SignUp(ctx, "a", shared.SignUp{Name: "Bob", Email: "bob@example.com", Password: "correct horse"}))
		p.noted = account(r.Add(ctx, "Mrs Lee", "ann@example.com"))
		if _, _, err := r.Begin(ctx, p.ann, ""); err != nil {
			t.Fatal(err)
		}
		mug := shared.Product{SKU: "MUG-1", Slug: "mug", Name: "Mug", Price: shared.Money{Amount: 1250, Currency: "EUR"}}
		if err := r.store.PutProducts(ctx, []shared.Product{mug}); err != nil {
			t.Fatal(err)
		}
		carts := cart.NewService(r.store, r.store, func() {})
		put := func(c identity.Customer, quantity int) cart.Record {
			return ok[cart.Record](t)(carts.SetLine(ctx, cart.Shopper{ID: c.Shopper, Customer: c.ID}, mug.SKU, shared.SetLine{Quantity: quantity}))
		}
		ordered := put(p.ann, 2)
		ok[cart.Record](t)(carts.PlaceOrder(ctx, p.ann.Shopper, shared.PlaceOrder{Total: ordered.Total.Amount}))
		open := put(p.ann, 3)
		_, err := r.store.Change(ctx, cart.Which{ID: open.ID}, func(rec *cart.Record) (*cart.Outcome, error) {
			rec.Version++
			return &cart.Outcome{
				Activity: &shared.Activity{CartID: rec.ID, CartVersion: rec.Version, Kind: shared.NoteWritten, Note: "is fond of tea", At: rec.UpdatedAt, Cart: rec.Summary()},
				Audit:    &shared.AuditEntry{At: rec.UpdatedAt, Staff: "zoe", Action: "write_note", CartID: rec.ID, Customer: p.ann.ID, Outcome: shared.AuditDone},
			}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		put(p.bob, 5)
		for _, c := range []identity.Customer{p.bob, p.ann, p.bob} {
			if err := r.store.AppendAudit(ctx, shared.AuditEntry{At: c.CreatedAt, Staff: "zoe", Action: "look_up_email", Customer: c.ID, Outcome: shared.AuditDone}); err != nil {
				t.Fatal(err)
			}
		}
	})
	return p
}

func TestCustomerList(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		p := fill(t, database)
		lines := strings.Split(strings.TrimSpace(must(t, "", "customer", "list", "--database", database)), "\n")
		today := time.Now().UTC().Format(time.DateOnly)
		want := []string{
			"ID NAME E-MAIL SINCE PASSWORD",
			p.ann.ID + " Ann Lee Ann@Example.com " + today + " yes",
			p.bob.ID + " Bob bob@example.com " + today + " yes",
			p.noted.ID + " Mrs Lee ann@example.com " + today + " no",
		}
		for i := range lines {
			lines[i] = strings.Join(strings.Fields(lines[i]), " ")
		}
		if strings.Join(lines, "\n") != strings.Join(want, "\n") {
			t.Errorf("got %q, want %q", lines, want)
		}
	})
}

func TestCustomerExport(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		p := fill(t, database)
		export := func(person string) []exportedAccount {
			t.Helper()
			text := must(t, "", "customer", "export", person, "--database", database)
			for _, secret := range []string{"argon2", p.ann.PasswordHash, "bob@example.com"} {
				if strings.Contains(text, secret) {
					t.Errorf("got %s, which tells %q", text, secret)
				}
			}
			var got struct{ Accounts []exportedAccount }
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("got %s: %v", text, err)
			}
			return got.Accounts
		}
		got := export("ANN@example.com")
		if len(got) != 2 || got[0].Customer != p.ann.Public() || got[1].Customer != p.noted.Public() {
			t.Fatalf("got %+v, want both accounts", got)
		}
		ann, noted := got[0], got[1]
		if !ann.HasPassword || !ann.Since.Equal(p.ann.CreatedAt) || noted.HasPassword || len(noted.Carts) != 0 || len(noted.Audit) != 0 {
			t.Errorf("got %+v and %+v", ann, noted)
		}
		if len(ann.Sessions) != 1 || ann.Sessions[0].Until.Sub(ann.Sessions[0].Began) != identity.ShopperLifetime {
			t.Errorf("got the sessions %+v", ann.Sessions)
		}
		if len(ann.Audit) != 2 || ann.Audit[0].Action != "write_note" || ann.Audit[1].Action != "look_up_email" {
			t.Errorf("got the audit %+v", ann.Audit)
		}
		if len(ann.Carts) != 2 {
			t.Fatalf("got the carts %+v, want two", ann.Carts)
		}
		open, order := ann.Carts[0], ann.Carts[1]
		if open.Status == shared.CartOrdered {
			open, order = order, open
		}
		if order.Order == nil || order.Order.Number == "" || len(order.Lines) != 1 || order.Lines[0].Quantity != 2 || len(order.History) != 2 {
			t.Errorf("got the order %+v", order)
		}
		if len(open.Lines) != 1 || open.Lines[0].Quantity != 3 || len(open.History) != 2 || open.History[0].Note != "is fond of tea" || open.History[0].CartVersion != 2 {
			t.Errorf("got the cart %+v", open)
		}
		withRegister(t, database, func(r register) {
			want := jsonOf(t, ann)
			for r.page = 1; r.page <= 4; r.page++ {
				if got := jsonOf(t, ok[exportedAccount](t)(r.export(&environment{ctx: t.Context()}, p.ann))); got != want {
					t.Errorf("%d at once: got %s, want %s", r.page, got, want)
				}
			}
		})
		if got := export(p.noted.ID); len(got) != 1 || got[0].Customer != p.noted.Public() {
			t.Errorf("by ID: got %+v", got)
		}
	})
}

func TestCustomerErase(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		p := fill(t, database)
		status, stdout, stderr := call(t, "yes\n", "customer", "erase", "ann@example.com", "--database", database)
		if status != 2 || stdout != "" || !strings.Contains(stderr, "--yes") {
			t.Errorf("without a terminal: got status %d, %q, %q; want to be told of --yes", status, stdout, stderr)
		}
		if got := must(t, "", "customer", "list", "--database", database); !strings.Contains(got, "Ann@Example.com") {
			t.Fatalf("got %s, want nothing erased yet", got)
		}
		var revision int64
		withRegister(t, database, func(r register) { revision = ok[int64](t)(r.store.Revision(t.Context())) })

		said := must(t, "", "customer", "erase", "ann@example.com", "--yes", "--database", database)
		want := "Erased the account " + p.ann.ID + ". Sessions ended: 1. Carts and orders that stay, as nobody's: 2.\n" +
			"Erased the account " + p.noted.ID + ". Sessions ended: 0. Carts and orders that stay, as nobody's: 0.\n"
		if said != want {
			t.Errorf("got %q, want %q", said, want)
		}
		if got := must(t, "", "customer", "list", "--database", database); strings.Contains(strings.ToLower(got), "ann") || !strings.Contains(got, "bob@example.com") {
			t.Errorf("got %s, want Bob alone", got)
		}
		for _, command := range []string{"export", "erase"} {
			status, _, stderr := call(t, "", "customer", command, "ann@example.com", "--database", database)
			if status != 1 || !strings.Contains(stderr, `There is no customer "ann@example.com".`) {
				t.Errorf("%s again: got status %d, %q", command, status, stderr)
			}
		}
		withRegister(t, database, func(r register) {
			ctx := t.Context()
			if carts := ok[[]shared.Cart](t)(r.store.CartsOfCustomer(ctx, p.ann.ID)); len(carts) != 0 {
				t.Errorf("Ann still has the carts %+v", carts)
			}
			if carts := ok[[]shared.Cart](t)(r.store.CartsOfCustomer(ctx, p.bob.ID)); len(carts) != 1 {
				t.Errorf("Bob has the carts %+v", carts)
			}
			orders := ok[[]shared.Cart](t)(r.store.Orders(ctx, p.ann.Shopper, "", 10))
			if len(orders) != 1 || len(orders[0].Lines) != 1 {
				t.Errorf("got the orders %+v, want hers to be there still", orders)
			}
			open := ok[cart.Record](t)(r.store.CartOf(ctx, p.ann.Shopper))
			history := ok[[]shared.Activity](t)(r.store.History(ctx, open.ID, 0, 10))
			if len(history) != 2 || history[0].Kind != shared.NoteWritten || history[0].Note != "" {
				t.Errorf("got the history %+v, want the note without its text", history)
			}
			if sessions := ok[[]identity.Shopper](t)(r.Sessions(ctx, p.ann.ID)); len(sessions) != 0 {
				t.Errorf("got the sessions %+v, want none", sessions)
			}
			if now := ok[int64](t)(r.store.Revision(ctx)); now <= revision {
				t.Errorf("the revision is still %d, so no server takes notice", now)
			}
		})
		if said := must(t, "", "customer", "erase", p.bob.ID, "--yes", "--database", database); !strings.Contains(said, p.bob.ID) {
			t.Errorf("by ID: got %q", said)
		}
	})
}

func TestCustomerWithoutDatabase(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "mistyped.db")
	for _, command := range []string{"list", "export ann@example.com", "erase ann@example.com --yes"} {
		status, _, stderr := call(t, "", append(append([]string{"customer"}, strings.Fields(command)...), "--database", database)...)
		if status != 1 || !strings.Contains(stderr, "there is no database") {
			t.Errorf("%s: got status %d, %q", command, status, stderr)
		}
	}
	for _, args := range []string{"customer", "customer export", "customer erase"} {
		if status, _, stderr := call(t, "", strings.Fields(args)...); status != 2 {
			t.Errorf("%s: got status %d, %q, want 2", args, status, stderr)
		}
	}
}

func TestAskToErase(t *testing.T) {
	found := []identity.Customer{{ID: "ID1", Name: "Ann Lee", Email: "ann@example.com"}}
	for answer, erases := range map[string]bool{
		"yes\n": true, "yes": true, " yes \r\n": true,
		"": false, "\n": false, "y\n": false, "no\n": false, "no\nyes\n": false, "yes please\n": false,
		strings.Repeat(" ", 1000) + "yes\n": false,
	} {
		var asked strings.Builder
		err := askToErase(strings.NewReader(answer), &asked, found)
		if (err == nil) != erases {
			t.Errorf("%.20q: got %v, want to erase: %v", answer, err, erases)
		}
		if !regexp.MustCompile(`(?s)ID1.*Ann Lee.*ann@example\.com.*Type yes: $`).MatchString(asked.String()) {
			t.Errorf("asked %q", asked.String())
		}
	}
	cause := errors.New("some cause")
	if err := askToErase(iotest.ErrReader(cause), new(strings.Builder), found); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}
