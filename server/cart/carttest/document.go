package carttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// everything is a record in which nothing is left out.
func everything(shopper, code string) *cart.Record {
	r := fresh(shopper)
	at := now()
	r.Customer, r.Code, r.CodeUntil = "account-"+shopper, code, at.Add(time.Minute)
	r.SignedIn, r.Phone, r.Simulated, r.Seen = true, true, true, true
	r.Page, r.PageAt, r.HelpAt = "/shop/p/blue-mug", at, at
	r.Discount = &shared.Discount{BasisPoints: 1000, Reason: "goodwill", MaxBasisPoints: 2000, By: "zoë", MinSubtotal: 5, Taken: 1}
	r.Attendants = []shared.Attendant{{Staff: "zoë", Since: at, Consent: shared.ConsentCode}}
	r.Knocks = []shared.Knock{{Staff: "ann", At: at, Until: at.Add(time.Minute), Declined: true}}
	r.Links = []shared.Link{{ID: "l", Staff: "zoë", Path: "/shop", Title: "“Shop” <&>", State: shared.LinkSent, At: at}}
	r.Handover = &shared.Handover{From: "zoë", To: "ann", Note: "line\nbreak \u2028 \\ \"quoted\"", At: at}
	return r
}

func documents(t *testing.T, s Store) {
	ctx := t.Context()
	made := change(t, s, cart.Which{Shopper: "alice", New: everything("alice", "123456")}, add(mug, 2))
	for name, read := range map[string]func() (cart.Record, error){
		"by shopper": func() (cart.Record, error) { return s.CartOf(ctx, "alice") },
		"by ID":      func() (cart.Record, error) { return s.Cart(ctx, made.ID) },
		"by code":    func() (cart.Record, error) { return s.CartByCode(ctx, "123456") },
	} {
		if got, err := read(); err != nil || !equal(got, made) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, made)
		}
	}
	list, err := s.Carts(ctx, cart.ListQuery{Limit: 10})
	if err != nil || len(list) != 1 || !equal(list[0], made.Summary()) {
		t.Errorf("in the list: got %+v, %v; want %+v", list, err, made.Summary())
	}
	entry := readLog(t, s, cart.Position{}, 1)[0]
	var state shared.Cart
	if err := json.Unmarshal(entry.State, &state); err != nil || !equal(state, made.Cart) {
		t.Errorf("the state in the log: got %s, %v; want %+v", entry.State, err, made.Cart)
	}
	history, err := s.History(ctx, made.ID, 0, 10)
	if err != nil || len(history) != 1 || entry.CartID != made.ID || entry.Kind != shared.LineAdded || entry.Shopper != "alice" || !entry.At.Equal(history[0].At) {
		t.Errorf("the entry: got %+v; the history is %+v, %v", entry, history, err)
	}
}

func codes(t *testing.T, s Store) {
	ctx := t.Context()
	shown := func(code string) cart.Rule {
		return set(shared.CodeShown, func(r *cart.Record) { r.Code = code })
	}
	change(t, s, own("alice"), shown("111111"))
	change(t, s, own("bob"), shown("222222"))
	before, err := s.CartOf(ctx, "bob")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Change(ctx, own("bob"), shown("111111")); !errors.Is(err, cart.ErrTaken) {
		t.Errorf("a code that another cart has: got %v, want ErrTaken", err)
	}
	if _, err := s.Change(ctx, own("carol"), shown("111111")); !errors.Is(err, cart.ErrTaken) {
		t.Errorf("for a new cart: got %v, want ErrTaken", err)
	}
	adopt := set(shared.SignedIn, func(r *cart.Record) { r.Shopper = "alice" })
	if _, err := s.Change(ctx, own("bob"), adopt); !errors.Is(err, cart.ErrTaken) {
		t.Errorf("a second open cart of a shopper: got %v, want ErrTaken", err)
	}
	if got, err := s.CartOf(ctx, "bob"); err != nil || !equal(got, before) {
		t.Errorf("after that: got %+v, %v; want %+v", got, err, before)
	}
	change(t, s, own("alice"), shown("333333"))
	change(t, s, own("bob"), shown("111111")) // it is free again
	for code, shopper := range map[string]string{"111111": "bob", "222222": "", "333333": "alice", "": ""} {
		got, err := s.CartByCode(ctx, code)
		if got.Shopper != shopper || (shopper == "") != errors.Is(err, cart.ErrNotFound) {
			t.Errorf("code %q: got the cart of %q, %v; want %q", code, got.Shopper, err, shopper)
		}
	}
	for _, shopper := range []string{"dave", "erin"} { // many have none
		first(t, s, shopper)
	}
}

func ordered(number string) cart.Rule {
	return set(shared.Ordered, func(r *cart.Record) {
		r.Status, r.Order = shared.CartOrdered, &shared.Order{Number: number, At: now()}
	})
}

func orders(t *testing.T, s Store) {
	ctx := t.Context()
	var made []string // the newest first
	for i := range 3 {
		r := first(t, s, "alice")
		change(t, s, cart.Which{ID: r.ID}, ordered(fmt.Sprint("A-", i)))
		made = slices.Insert(made, 0, r.ID)
	}
	phone := fresh("a phone")
	phone.Customer = "account"
	r := change(t, s, cart.Which{Shopper: phone.Shopper, New: phone}, add(mug, 1))
	change(t, s, cart.Which{ID: r.ID}, ordered("B-1"))
	first(t, s, "alice") // is open
	tests := []struct {
		shopper, customer string
		limit             int
		want              []string
	}{
		{"alice", "", 10, made},
		{"alice", "", 2, made[:2]},
		{"alice", "account", 10, slices.Insert(slices.Clone(made), 0, r.ID)},
		{"nobody", "account", 10, []string{r.ID}},
		{"nobody", "", 10, nil},
	}
	for _, test := range tests {
		list, err := s.Orders(ctx, test.shopper, test.customer, test.limit)
		var got []string
		for _, c := range list {
			got = append(got, c.ID)
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q, %q: got %v, %v; want %v", test.shopper, test.customer, got, err, test.want)
		}
	}
	list, err := s.CartsOfCustomer(ctx, "account")
	if err != nil || len(list) != 1 || list[0].ID != r.ID {
		t.Errorf("of the account: got %+v, %v; want the phone order", list, err)
	}
	if list, err := s.CartsOfCustomer(ctx, ""); err != nil || len(list) != 0 {
		t.Errorf("of no account: got %+v, %v; want none", list, err)
	}
}

func evident(t *testing.T, s Store) {
	first(t, s, "a bot")
	var want []string
	for name, change := range map[string]func(*cart.Record){
		"seen":     func(r *cart.Record) { r.Seen = true },
		"phone":    func(r *cart.Record) { r.Phone = true },
		"help":     func(r *cart.Record) { r.HelpAt = now() },
		"attended": func(r *cart.Record) { r.Attendants = []shared.Attendant{{Staff: "zoe"}} },
	} {
		r := first(t, s, name)
		if _, err := s.Change(t.Context(), cart.Which{ID: r.ID}, set(shared.PageViewed, change)); err != nil {
			t.Fatal(err)
		}
		want = append(want, r.ID)
	}
	list, err := s.Carts(t.Context(), cart.ListQuery{Limit: 10})
	var got []string
	for _, c := range list {
		got = append(got, c.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if all, err := s.Carts(t.Context(), cart.ListQuery{Limit: 10, All: true}); err != nil || len(all) != 5 {
		t.Errorf("all: got %+v, %v; want 5", all, err)
	}
}

func idle(t *testing.T, s Store) {
	at := now()
	// left makes a cart that was last changed some minutes ago.
	left := func(name string, minutes int, also func(*cart.Record)) {
		change(t, s, own(name), func(r *cart.Record) (*cart.Outcome, error) {
			r.ID = name
			also(r)
			made, err := set(shared.LineAdded, func(*cart.Record) {})(r)
			r.UpdatedAt = at.Add(-time.Duration(minutes) * time.Minute)
			return made, err
		})
	}
	none := func(*cart.Record) {}
	seen := func(r *cart.Record) { r.Seen = true }
	left("bot", 11, none)
	left("new bot", 9, none)
	left("seen", 31, seen)
	left("lately seen", 29, seen)
	left("looking", 31, func(r *cart.Record) { r.Seen, r.PageAt = true, at.Add(-time.Minute) })
	left("attended", 99, func(r *cart.Record) { r.Attendants = []shared.Attendant{{Staff: "zoe"}} })
	left("ordered", 99, func(r *cart.Record) { r.Status = shared.CartOrdered })
	for limit, want := range map[int][]string{10: {"seen", "bot"}, 1: {"seen"}} {
		got, err := s.Idle(t.Context(), at.Add(-10*time.Minute), at.Add(-30*time.Minute), limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("up to %d: got %v, %v; want %v", limit, got, err, want)
		}
	}
}

func expired(t *testing.T, s Store) {
	r := first(t, s, "alice")
	change(t, s, cart.Which{ID: r.ID}, set(shared.Expired, func(r *cart.Record) { r.Status = shared.CartExpired }))
	if _, err := s.Cart(t.Context(), r.ID); !errors.Is(err, cart.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	log := readLog(t, s, cart.Position{}, 2)
	if log[1].Kind != shared.Expired || log[1].CartID != r.ID || log[1].Shopper != "alice" {
		t.Errorf("the log ends with %+v", log[1])
	}
	if again := first(t, s, "alice"); again.ID == r.ID {
		t.Error("the cart came back")
	}
}

func changeBoth(t *testing.T, s Store) {
	ctx := t.Context()
	a, b := first(t, s, "alice"), first(t, s, "bob")
	err := s.ChangeBoth(ctx, a.ID, b.ID, func(first, second *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
		if first.ID != a.ID || second.ID != b.ID {
			t.Errorf("got %s and %s, want %s and %s", first.ID, second.ID, a.ID, b.ID)
		}
		one, err := raise(mug.SKU)(first)
		if err != nil {
			return nil, nil, err
		}
		other, err := add(lamp, 1)(second)
		return one, other, err
	})
	if err != nil {
		t.Fatal(err)
	}
	items := func() [2]int {
		one, err1 := s.Cart(ctx, a.ID)
		other, err2 := s.Cart(ctx, b.ID)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return [2]int{one.Items, other.Items}
	}
	if got := items(); got != [2]int{2, 2} {
		t.Errorf("both: got %v items", got)
	}
	no := errors.New("no")
	err = s.ChangeBoth(ctx, b.ID, a.ID, func(first, second *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
		one, err := raise(mug.SKU)(first)
		return one, nil, errors.Join(err, no)
	})
	if !errors.Is(err, no) || items() != [2]int{2, 2} {
		t.Errorf("refused: got %v, %v items", err, items())
	}
	err = s.ChangeBoth(ctx, b.ID, a.ID, func(first, second *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
		second.Name = "not kept"
		one, err := raise(mug.SKU)(first)
		return one, nil, err
	})
	if got, _ := s.Cart(ctx, a.ID); err != nil || items() != [2]int{2, 3} || got.Name != a.Name {
		t.Errorf("only one: got %v, %v items, the other's name is %q", err, items(), got.Name)
	}
	for _, ids := range [][2]string{{a.ID, "none"}, {"none", a.ID}} {
		err := s.ChangeBoth(ctx, ids[0], ids[1], func(_, _ *cart.Record) (*cart.Outcome, *cart.Outcome, error) {
			t.Error("the rule was asked about a cart that isn't there")
			return nil, nil, nil
		})
		if !errors.Is(err, cart.ErrNotFound) {
			t.Errorf("%v: got %v, want ErrNotFound", ids, err)
		}
	}
	inOrder(t, readLog(t, s, cart.Position{}, 5))
}

// unstorable names what no database can hold: nothing is called so, and that is an
// answer, not a failure.
func unstorable(t *testing.T, s Store) {
	ctx := t.Context()
	carts := service(t, s)
	for _, name := range []string{"a\x00", "\xff"} {
		_, err1 := carts.Cart(ctx, name)
		_, err2 := carts.Apply(ctx, cart.Which{ID: name}, cart.ShopperActor, raise(mug.SKU))
		_, _, err3 := carts.UndoRule(ctx, name, shared.Undo{Version: 1}, cart.ShopperActor)
		_, err4 := carts.Product(ctx, name)
		for i, err := range []error{err1, err2, err3, err4} {
			var p *shared.Problem
			if !errors.As(err, &p) || p.Code != shared.CodeNotFound {
				t.Errorf("%q, %d: got %v, want code %s", name, i+1, err, shared.CodeNotFound)
			}
		}
		if _, err := carts.ByCode(ctx, name); !errors.Is(err, cart.ErrNotFound) {
			t.Errorf("the code %q: got %v, want ErrNotFound", name, err)
		}
	}
}

func history(t *testing.T, s Store) {
	r := first(t, s, "alice")
	first(t, s, "bob")
	for range 4 {
		change(t, s, cart.Which{ID: r.ID}, raise(mug.SKU))
	}
	for _, test := range []struct {
		before int64
		limit  int
		want   string
	}{{0, 10, "5 4 3 2 1"}, {0, 2, "5 4"}, {4, 2, "3 2"}, {1, 2, ""}, {99, 1, "5"}, {-1, 5, ""}} {
		activities, err := s.History(t.Context(), r.ID, test.before, test.limit)
		var got []string
		for _, a := range activities {
			got = append(got, fmt.Sprint(a.CartVersion))
		}
		if err != nil || activities == nil || strings.Join(got, " ") != test.want {
			t.Errorf("%d before %d: got %v, %v; want %s", test.limit, test.before, got, err, test.want)
		}
	}
}

func trim(t *testing.T, s Store) {
	ctx := t.Context()
	r := first(t, s, "alice")
	for range 3 {
		change(t, s, cart.Which{ID: r.ID}, raise(mug.SKU))
	}
	all := readLog(t, s, cart.Position{}, 4)
	head, err := s.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Trim(ctx, all[2].At); err != nil || n != 2 {
		t.Errorf("got %d, %v; want the 2 from before the third", n, err)
	}
	if n, err := s.Trim(ctx, now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("all: got %d, %v; want 1, for the newest stays", n, err)
	}
	left := readLog(t, s, cart.Position{}, 1)
	if again, err := s.Head(ctx); err != nil || again != head || left[0].Position != head {
		t.Errorf("the head: got %+v, %v; want %+v", again, err, head)
	}
	if got, err := s.Cart(ctx, r.ID); err != nil || got.Version != 4 {
		t.Errorf("the cart: got %+v, %v", got, err)
	}
}

func categories(t *testing.T, s Store) {
	if got, err := s.Categories(t.Context()); err != nil || got == nil || len(got) != 0 {
		t.Errorf("none: got %v, %v; want an empty list", got, err)
	}
	other := mug
	other.SKU, other.Slug, other.Category = "MUG-2", "mug-2", ""
	third := mug
	third.SKU, third.Slug = "MUG-3", "mug-3"
	if err := s.PutProducts(t.Context(), []shared.Product{towel, mug, lamp, other, third}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Categories(t.Context()); err != nil || !slices.Equal(got, []string{"Bath", "Kitchen", "Light"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// forget erases what staff wrote of a customer, and nothing else.
func forget(t *testing.T, s Store) {
	ctx := t.Context()
	const secret = "Her name is Alice"
	var before []shared.Activity
	ids := map[string]string{}
	for _, shopper := range []string{"alice", "bob"} {
		r := change(t, s, cart.Which{Shopper: shopper, New: everything(shopper, shopper)}, set(shared.LineAdded, func(r *cart.Record) { r.Handover = nil }))
		ids[shopper] = r.ID
		for kind, rule := range map[shared.ActivityKind]func(*cart.Record){
			shared.NoteWritten:     func(*cart.Record) {},
			shared.HandoverOffered: func(r *cart.Record) { r.Handover = &shared.Handover{From: "zoe", To: "ann", Note: secret} },
		} {
			change(t, s, cart.Which{ID: r.ID}, func(r *cart.Record) (*cart.Outcome, error) {
				made, err := set(kind, rule)(r)
				made.Activity.Note = secret
				return made, err
			})
		}
		change(t, s, cart.Which{ID: r.ID}, add(mug, 1))
		activities, err := s.History(ctx, r.ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, activities...)
	}
	cartBefore, err := s.Cart(ctx, ids["alice"])
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := s.ForgetCustomer(ctx, "account-alice"); err != nil {
			t.Fatal(err)
		}
	}
	var after []shared.Activity
	for _, shopper := range []string{"alice", "bob"} {
		activities, err := s.History(ctx, ids[shopper], 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		after = append(after, activities...)
	}
	for i := range before[:4] {
		before[i].Note = ""
	}
	if !equal(after, before) {
		t.Errorf("the history: got %+v, want %+v", after, before)
	}
	for _, entry := range readLog(t, s, cart.Position{}, 8) {
		told := strings.Contains(string(entry.Activity)+string(entry.State), secret)
		if told && entry.CartID == ids["alice"] {
			t.Errorf("still told: %s %s", entry.Activity, entry.State)
		}
		if !told && entry.CartID == ids["bob"] && entry.Kind != shared.LineAdded {
			t.Errorf("of someone else, forgotten: %s", entry.Activity)
		}
		var state shared.Cart
		if err := json.Unmarshal(entry.State, &state); err != nil || state.ID != entry.CartID || state.Name == "" || len(state.Links) != 1 {
			t.Errorf("the state %s: %v", entry.State, err)
		}
	}
	got, err := s.Cart(ctx, ids["alice"])
	cartBefore.Customer, cartBefore.Handover = "", nil
	if err != nil || !equal(got, cartBefore) {
		t.Errorf("the cart: got %+v, %v; want %+v", got, err, cartBefore)
	}
	if other, err := s.Cart(ctx, ids["bob"]); err != nil || other.Customer != "account-bob" || other.Handover == nil {
		t.Errorf("someone else's: got %+v, %v", other, err)
	}
	if err := s.ForgetCustomer(ctx, ""); err != nil {
		t.Errorf("of no account: %v", err)
	}
}
