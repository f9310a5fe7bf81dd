package shared_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared"
)

func eur(amount int64) shared.Money { return shared.Money{Amount: amount, Currency: "EUR"} }

// amounts prefers those near the ends, where sums overflow.
func amounts() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64(),
		rapid.Int64Range(math.MaxInt64-1000, math.MaxInt64),
		rapid.Int64Range(math.MinInt64, math.MinInt64+1000),
		rapid.Int64Range(-1000, 1000),
	)
}

func TestPlusIsExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		got, err := eur(a).Plus(eur(b))
		if want.IsInt64() {
			if err != nil || got != eur(want.Int64()) {
				t.Fatalf("got %v, %v; want %v", got, err, want)
			}
		} else if !errors.Is(err, shared.ErrMoneyOverflow) || got != (shared.Money{}) {
			t.Fatalf("got %v, %v; want ErrMoneyOverflow, as it is %v", got, err, want)
		}
	})
}

func TestPlusCurrencies(t *testing.T) {
	usd := shared.Money{Amount: 5, Currency: "USD"}
	tests := []struct {
		name    string
		a, b    shared.Money
		want    shared.Money
		wantErr error
	}{
		{"nothing and something", shared.Money{}, usd, usd, nil},
		{"something and nothing", usd, shared.Money{}, usd, nil},
		{"nothing and nothing", shared.Money{}, shared.Money{}, shared.Money{}, nil},
		{"zero keeps its currency", eur(0), shared.Money{}, eur(0), nil},
		{"two currencies", eur(1), usd, shared.Money{}, shared.ErrCurrencyMismatch},
		{"even if one is zero", eur(0), usd, shared.Money{}, shared.ErrCurrencyMismatch},
		{"an amount without currency", shared.Money{Amount: 1}, usd, shared.Money{}, shared.ErrCurrencyMismatch},
	}
	for _, test := range tests {
		got, err := test.a.Plus(test.b)
		if got != test.want || !errors.Is(err, test.wantErr) {
			t.Errorf("%s: got %v, %v; want %v, %v", test.name, got, err, test.want, test.wantErr)
		}
	}
}

func TestTimesIsExactOrRefused(t *testing.T) {
	limit := big.NewInt(math.MaxInt64)
	rapid.Check(t, func(t *rapid.T) {
		amount := amounts().Draw(t, "amount")
		quantity := rapid.OneOf(rapid.IntRange(0, 1000), rapid.IntMin(0)).Draw(t, "quantity")
		want := new(big.Int).Mul(big.NewInt(amount), big.NewInt(int64(quantity)))
		got, err := eur(amount).Times(quantity)
		if want.CmpAbs(limit) <= 0 {
			if err != nil || got != eur(want.Int64()) {
				t.Fatalf("got %v, %v; want %v", got, err, want)
			}
		} else if !errors.Is(err, shared.ErrMoneyOverflow) || got != (shared.Money{}) {
			t.Fatalf("got %v, %v; want ErrMoneyOverflow, as it is %v", got, err, want)
		}
	})
}

func TestTimesRefusesNegativeQuantities(t *testing.T) {
	for _, quantity := range []int{-1, math.MinInt} {
		if got, err := eur(1).Times(quantity); err == nil || errors.Is(err, shared.ErrMoneyOverflow) {
			t.Errorf("%d: got %v, %v; want an error of its own", quantity, got, err)
		}
	}
}

// The limits of a cart are there so that no total overflows.
func TestLargestCartDoesNotOverflow(t *testing.T) {
	line, err := eur(shared.MaxPrice).Times(shared.MaxQuantity)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := line.Times(shared.MaxLines); err != nil {
		t.Error(err)
	}
}

func TestMoneyString(t *testing.T) {
	tests := []struct {
		amount   int64
		currency string
		want     string
	}{
		{1250, "EUR", "€12.50"},
		{1250, "USD", "$12.50"},
		{1250, "GBP", "£12.50"},
		{1250, "CHF", "CHF 12.50"},
		{-1250, "EUR", "−€12.50"},
		{-1250, "CHF", "−CHF 12.50"},
		{0, "EUR", "€0.00"},
		{5, "EUR", "€0.05"},
		{-5, "EUR", "−€0.05"},
		{100, "EUR", "€1.00"},
		{1250, "JPY", "JPY 1250"},
		{0, "JPY", "JPY 0"},
		{1250, "KWD", "KWD 1.250"},
		{7, "KWD", "KWD 0.007"},
		{1250, "CLF", "CLF 0.1250"},
		{1250, "", "12.50"},
		{math.MaxInt64, "EUR", "€92233720368547758.07"},
		{math.MinInt64, "EUR", "−€92233720368547758.08"},
	}
	for _, test := range tests {
		if got := (shared.Money{Amount: test.amount, Currency: test.currency}).String(); got != test.want {
			t.Errorf("%d %s: got %q, want %q", test.amount, test.currency, got, test.want)
		}
	}
}
