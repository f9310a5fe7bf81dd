package desk

import (
	"testing"
	"time"

	"cartline/shared"
)

func TestPageName(t *testing.T) {
	tests := []struct{ path, want string }{
		{"", ""}, {"/shop", "Shop front"}, {"/shop?category=Kitchen", "Shop: Kitchen"}, {"/shop/cart", "Cart page"},
		{"/shop/p/blue-mug", "Blue mug"}, {"/shop/p/", ""}, {"/else", "/else"},
	}
	for _, test := range tests {
		if got := pageName(test.path); got != test.want {
			t.Errorf("%s: got %q, want %q", test.path, got, test.want)
		}
	}
}

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "now", 0: "now", 6 * time.Second: "6 s ago", 59 * time.Minute: "59 min ago", 3 * time.Hour: "3 h ago", 50 * time.Hour: "2 d ago",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{-time.Second: "0:00", 48 * time.Second: "0:48", 61 * time.Second: "1:01"} {
		if got := running(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestLastWords(t *testing.T) {
	shopper, ada := shared.Actor{Kind: shared.ActorShopper}, shared.Actor{Kind: shared.ActorStaff, Name: "ada"}
	line := func(before, after int) *shared.LineChange {
		return &shared.LineChange{Name: "Blue mug", OldQuantity: before, NewQuantity: after}
	}
	tests := []struct {
		last shared.LastChange
		want string
	}{
		{shared.LastChange{Actor: shopper, Line: line(0, 2)}, "added 2 × Blue mug"},
		{shared.LastChange{Actor: shopper, Line: line(2, 3)}, "raised Blue mug to 3"},
		{shared.LastChange{Actor: shopper, Line: line(3, 1)}, "lowered Blue mug to 1"},
		{shared.LastChange{Actor: shopper, Line: line(3, 0)}, "removed Blue mug"},
		{shared.LastChange{Actor: ada, Line: line(3, 0)}, "ada removed Blue mug"},
		{shared.LastChange{Actor: ada, Kind: shared.DiscountSet}, "ada gave a discount"},
	}
	for _, test := range tests {
		if got := lastWords(&test.last, "bea"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got, want := lastWords(&tests[4].last, "ada"), "You removed Blue mug"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := lastWords(nil, "ada"); got != "" {
		t.Errorf("got %q for a cart that nobody changed", got)
	}
}

// Every kind has words of its own, without the names that programs use.
func TestActivityWords(t *testing.T) {
	ada := shared.Actor{Kind: shared.ActorStaff, Name: "ada"}
	shopper := shared.Actor{Kind: shared.ActorShopper}
	ten := &shared.Discount{BasisPoints: 1000, Reason: "price_match"}
	tests := []struct {
		a    shared.Activity
		want string
	}{
		{shared.Activity{Kind: shared.LineChanged, Actor: shopper, Line: &shared.LineChange{Name: "Mug", OldQuantity: 2, NewQuantity: 3}}, "The customer raised Mug from 2 to 3"},
		{shared.Activity{Kind: shared.LineChanged, Actor: ada, Undoes: 4, Line: &shared.LineChange{Name: "Mug", OldQuantity: 3, NewQuantity: 2}}, "You lowered Mug from 3 to 2 (undoing a change)"},
		{shared.Activity{Kind: shared.DiscountSet, Actor: ada, Discount: &shared.DiscountChange{New: ten}}, "You gave 10 %, price match"},
		{shared.Activity{Kind: shared.DiscountSet, Actor: ada, Discount: &shared.DiscountChange{SKU: "M", New: ten}}, "You gave 10 % on Mug M, price match"},
		{shared.Activity{Kind: shared.DiscountRemoved, Actor: ada, Discount: &shared.DiscountChange{Old: ten}}, "You took off the discount of 10 %"},
		{shared.Activity{Kind: shared.Attached, Actor: ada, Consent: shared.ConsentCode}, "You attached, by the customer's code"},
		{shared.Activity{Kind: shared.Attached, Actor: shopper, Staff: "bea", Consent: shared.ConsentKnock}, "bea attached, by the customer's yes to a knock"},
		{shared.Activity{Kind: shared.Released, Actor: shopper, Staff: "ada", Reason: shared.ReleasedByShopper}, "The customer ended your access"},
		{shared.Activity{Kind: shared.Released, Actor: shared.Actor{Kind: shared.ActorServer}, Staff: "bea", Reason: shared.ReleasedIdle}, "bea did nothing for a while and was released"},
		{shared.Activity{Kind: shared.Ordered, Actor: ada, Order: "C-17"}, "You placed the order, number C-17"},
		{shared.Activity{Kind: shared.CartsMerged, MergedLines: 3}, "Another cart was merged in: 3 lines"},
		{shared.Activity{Kind: shared.LinkWasOpened, Link: &shared.Link{Title: "Mug"}}, "The customer opened “Mug”"},
		{shared.Activity{Kind: shared.HandoverOffered, Actor: shared.Actor{Kind: shared.ActorStaff, Name: "bea"}, Staff: "ada"}, "bea offered the cart to you"},
	}
	for _, test := range tests {
		if got := activityWords(test.a, "ada", func(sku string) string { return "Mug " + sku }); got != test.want {
			t.Errorf("%s: got %q, want %q", test.a.Kind, got, test.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for points, want := range map[int]string{1000: "10 %", 1250: "12.5 %", 1: "0.01 %", 10000: "100 %", 0: "0 %"} {
		if got := percent(points); got != want {
			t.Errorf("%d: got %q, want %q", points, got, want)
		}
	}
}

func TestDiscountForm(t *testing.T) {
	cart := &shared.Cart{
		Subtotal: shared.Money{Amount: 10000, Currency: "EUR"},
		Lines:    []shared.Line{{SKU: "M", Name: "Mug", Subtotal: shared.Money{Amount: 2500, Currency: "EUR"}}},
	}
	tests := []struct {
		name    string
		form    discountForm
		want    shared.SetDiscount
		problem string
	}{
		{"percent", discountForm{wholeCart, "7.5", "percent", "loyalty", ""}, shared.SetDiscount{BasisPoints: 750, Reason: "loyalty"}, ""},
		{"with the sign", discountForm{wholeCart, " 20 % ", "percent", "loyalty", ""}, shared.SetDiscount{BasisPoints: 2000, Reason: "loyalty"}, ""},
		{"at the limit", discountForm{wholeCart, "20", "amount", "loyalty", ""}, shared.SetDiscount{Amount: 2000, Reason: "loyalty"}, ""},
		{"above it", discountForm{wholeCart, "20.01", "amount", "loyalty", ""}, shared.SetDiscount{}, "You may take up to 20 % off the cart, which is €20.00 now."},
		{"percent above it", discountForm{wholeCart, "20.01", "percent", "loyalty", ""}, shared.SetDiscount{}, "You may take off up to 20 %; 20.01 % is more than that."},
		{"a line", discountForm{"M", "5", "amount", "loyalty", "3"}, shared.SetDiscount{SKU: "M", Amount: 500, Reason: "loyalty", MinQuantity: 3}, ""},
		{"a line above", discountForm{"M", "5,01", "amount", "loyalty", ""}, shared.SetDiscount{}, "You may take up to 20 % off Mug, which is €5.00 now."},
		{"condition", discountForm{wholeCart, "10", "percent", "loyalty", "150"}, shared.SetDiscount{BasisPoints: 1000, Reason: "loyalty", MinSubtotal: 15000}, ""},
		{"a line that is gone", discountForm{"X", "5", "percent", "loyalty", ""}, shared.SetDiscount{}, "That line is no longer in the cart."},
		{"nothing", discountForm{wholeCart, "", "percent", "loyalty", ""}, shared.SetDiscount{}, "Say how many percent, like 10 or 7.5."},
		{"negative", discountForm{wholeCart, "-5", "amount", "loyalty", ""}, shared.SetDiscount{}, "Say how much, like 5 or 12.50."},
		{"no reason", discountForm{wholeCart, "5", "amount", "", ""}, shared.SetDiscount{}, "Choose a reason."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, problem := test.form.read(cart, 2000)
			if problem != test.problem || problem == "" && got != test.want {
				t.Errorf("got %+v, %q; want %+v, %q", got, problem, test.want, test.problem)
			}
		})
	}
}

func TestDecimal(t *testing.T) {
	tests := []struct {
		text   string
		digits int
		want   int64
		ok     bool
	}{
		{"12", 2, 1200, true}, {"12.5", 2, 1250, true}, {"12,50", 2, 1250, true}, {"0.01", 2, 1, true}, {"7", 0, 7, true},
		{"1.5", 0, 0, false}, {"1.005", 2, 0, false}, {"", 2, 0, false}, {".5", 2, 0, false}, {"1e3", 2, 0, false}, {"9999999999999", 2, 0, false},
	}
	for _, test := range tests {
		if got, ok := decimal(test.text, test.digits); ok != test.ok || ok && got != test.want {
			t.Errorf("%q: got %d %v, want %d %v", test.text, got, ok, test.want, test.ok)
		}
	}
	for currency, want := range map[string]int{"EUR": 2, "JPY": 0, "KWD": 3} {
		if got := minorDigits(currency); got != want {
			t.Errorf("%s: got %d digits, want %d", currency, got, want)
		}
	}
}

func TestSum(t *testing.T) {
	for want, m := range map[string]shared.Money{"€0.00": {Currency: "EUR"}, "€12.50": {Amount: 1250, Currency: "EUR"}, "–": {}} {
		if got := sum(m); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
