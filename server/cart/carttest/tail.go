package carttest

import (
	"os"
	"strconv"
	"testing"

	"cartline/server/cart"
)

// MoreRows names a setting with one more number of rows to fill a log with for Tail. Ten
// million take many minutes.
const MoreRows = "CARTLINE_TEST_ROWS"

// Tail measures what it takes to read a hundred activities in the middle and near the end
// of logs of growing length: of everything, as the tail and those who catch up do, and of
// one cart and of one shopper. It should cost the same in each.
//
// Open returns a log with so many activities in carts that have a hundred each, called
// cart-0 and so on, of shopper-0 and so on, and the position of any of them by its number.
func Tail(b *testing.B, open func(b *testing.B, rows int) (Store, func(number int) cart.Position)) {
	sizes := []int{1_000, 100_000, 1_000_000}
	if more, err := strconv.Atoi(os.Getenv(MoreRows)); err == nil {
		sizes = append(sizes, more)
	}
	for _, rows := range sizes {
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			s, position := open(b, rows)
			head, err := s.Head(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			const limit = 100
			for _, test := range []struct {
				name  string
				after int
				scope cart.Scope
				want  int
			}{
				{"end", rows - limit, cart.Scope{}, limit},
				{"middle", rows / 2, cart.Scope{}, limit},
				{"cart", rows / 2, cart.Scope{CartID: "cart-7"}, limit / 2},
				{"shopper", rows / 2, cart.Scope{Shopper: "shopper-7"}, limit / 2},
				{"nothing new", rows, cart.Scope{}, 0},
			} {
				b.Run(test.name, func(b *testing.B) {
					from := position(test.after)
					from.Epoch = head.Epoch
					for b.Loop() {
						entries, err := s.After(b.Context(), from, test.scope, limit)
						if err != nil || len(entries) < test.want-1 || len(entries) > test.want+1 {
							b.Fatalf("got %d, %v; want %d", len(entries), err, test.want)
						}
					}
				})
			}
		})
	}
}
