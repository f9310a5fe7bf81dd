package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cartline/shared"
)

// What is more than a NOTIFY can carry (8,000 bytes) arrives all the same, as it
// happens and when it is asked for again.
func TestLargeEvents(t *testing.T) {
	const notify = 8000
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--demo", "--demo-shoppers", "0", "--database", store.open(t))
			shopper := s.visitor(t)
			var products shared.ProductList
			shopper.ask(t, "GET", "/api/products?limit=100", "", &products)
			put := func(sku string, quantity int) {
				t.Helper()
				var answer *http.Response
				if answer = shopper.ask(t, "PUT", "/api/cart/lines/"+sku, fmt.Sprintf(`{"quantity":%d}`, quantity), nil); answer.StatusCode != http.StatusOK {
					t.Fatalf("%s: got %s", sku, answer.Status)
				}
			}
			put(products.Products[0].SKU, 1)
			own := shopper.open(t, "/events/io")
			own.listen(t, shared.ChannelMyCart)
			for _, product := range products.Products[1:] {
				put(product.SKU, 2)
			}
			var last, previous string
			for lines := 0; lines < len(products.Products) && !t.Failed(); {
				previous, last = last, nextOf(t, own)
				lines = len(eventOf(t, last, shared.ChannelMyCart).Cart.Lines)
			}
			if len(last) <= notify {
				t.Fatalf("got %d bytes, want more than %d", len(last), notify)
			}
			before, err := shared.ParseMessage([]byte(previous))
			if err != nil {
				t.Fatal(err)
			}
			again := shopper.open(t, "/events/io")
			again.send(t, fmt.Sprintf(`{"listen":"my_cart","after":%q}`, before.Meta.Cursor))
			if got := again.next(t); !strings.Contains(got, `"recovered":true`) {
				t.Errorf("got %s, want that it is recovered", got)
			}
			if got := again.next(t); got != last {
				t.Errorf("got %.100s…, want the last event again", got)
			}
		})
	}
}
