package desk

import (
	"strings"
	"testing"
	"time"

	"cartline/app/feed"
	"cartline/shared"
)

func TestAsk(t *testing.T) {
	tests := []struct {
		text   string
		intent intent
		want   string
	}{
		{"", toFilter, ""},
		{" Blue  MUG ", toFilter, "blue mug"},
		{"482913", toAttach, "482913"},
		{"482 913", toAttach, "482913"},
		{" 482-913 ", toAttach, "482913"},
		{"48291", toFilter, "48291"},
		{"4829131", toFilter, "4829131"},
		{"ann@example.com", toLookUp, "ann@example.com"},
		{"ann@example", toFilter, "ann@example"},
		{"ann@", toFilter, "ann@"},
		{"ann @example.com", toFilter, "ann @example.com"},
	}
	for _, test := range tests {
		q := ask(test.text)
		got := strings.Join(q.words, " ") + q.find.Code + q.find.Email
		if q.intent != test.intent || got != test.want {
			t.Errorf("%q: got %d %q, want %d %q", test.text, q.intent, got, test.intent, test.want)
		}
	}
}

func TestFilter(t *testing.T) {
	c := summary("a", 1, 0)
	c.Name, c.Products, c.Page = "amber-fox-42", []string{"Blue mug", "Ash chair"}, "/shop/p/oak-table"
	c.Total = shared.Money{Amount: 4990, Currency: "EUR"}
	c.Attendants = []string{"ada"}
	e := &entry{cart: c, text: searched(c), changed: noon}
	tests := []struct {
		text string
		want bool
	}{
		{"", true}, {"fox", true}, {"mug", true}, {"MUG chair", true}, {"mug sofa", false},
		{"49.90", true}, {"€49.90", true}, {"49", true}, {"50", false}, {"oak", true}, {"ada", true},
		{"Lee", true}, {"lee mug", true}, {"ann@exam", true}, {"lea", false},
	}
	for _, test := range tests {
		if got := (filter{words: ask(test.text).words}).matches(e, "ann lee\nann@example.com"); got != test.want {
			t.Errorf("%q: got %v", test.text, got)
		}
	}
	if (filter{since: noon}).matches(e, "") || !(filter{since: noon.Add(-time.Second)}).matches(e, "") {
		t.Error("what changed since isn't told from what changed before")
	}
	if (filter{only: map[string]bool{"b": true}}).matches(e, "") || !(filter{only: map[string]bool{"a": true}}).matches(e, "") {
		t.Error("only what was looked up should match")
	}
}

// Who is asked to change something is found by doing so: the newest first, and also
// with the pointer over the table.
func TestFoundByDoing(t *testing.T) {
	now := noon
	m := newModel(func() time.Time { return now })
	fill(m.table, summary("a", 1, 1), summary("b", 1, 2), summary("c", 1, 3))
	m.over = true
	m.asking = now
	m.narrow()
	if len(m.table.slots) != 0 {
		t.Fatalf("got %v before anything changed", m.table.slots)
	}
	now = now.Add(time.Second)
	hear(m, message(t, shared.ChannelCartActivity, event(summary("b", 2, 4), shared.PageViewed)))
	if len(m.table.slots) != 0 {
		t.Error("going to another page is no change of a cart")
	}
	hear(m, message(t, shared.ChannelCartActivity, event(summary("a", 2, 4), shared.LineChanged)))
	if got := strings.Join(m.table.slots, " "); got != "a" {
		t.Errorf("got %q, want the cart that changed", got)
	}
	now = now.Add(time.Second)
	m.over = false
	hear(m, message(t, shared.ChannelCartActivity, event(summary("c", 2, 5), shared.LineChanged)))
	if got := strings.Join(m.table.slots, " "); got != "c a" {
		t.Errorf("got %q, want the newest change first", got)
	}
}

// enter makes a desk that of somebody.
func enter(m *model, who shared.StaffSession) {
	m.Met(who, nil, false)
	m.begin()
}

// hear takes messages as they come from the server.
func hear(m *model, messages ...shared.Message) {
	var heard []feed.Arrival
	for _, message := range messages {
		heard = append(heard, feed.Arrival{Message: message})
	}
	m.took(heard, false)
}

func message(t *testing.T, kind string, payload any) shared.Message {
	t.Helper()
	m, err := shared.NewMessage(kind, payload, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A customer's name is searched as long as the reader attends their cart.
func TestFindByName(t *testing.T) {
	m := newModel(frozen)
	fill(m.table, summary("a", 1, 1), summary("b", 1, 2))
	c := m.tabs.open("a")
	c.viewed(shared.CartView{Cart: shared.Cart{ID: "a", Version: 1, Status: shared.CartOpen, Customer: &shared.Customer{Name: "Ann Lee", Email: "ann@example.com"}}, Attached: true})
	m.typed("LEE")
	if got := strings.Join(m.table.slots, " "); got != "a" {
		t.Errorf("while attended: found %q, want a", got)
	}
	c.detach("over")
	m.typed("lee")
	if got := strings.Join(m.table.slots, " "); got != "" {
		t.Errorf("after the access ended: found %q, want nothing", got)
	}
}
