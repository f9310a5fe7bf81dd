package assist_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

var hosts = []string{"shop.example", "www.shop.example:8443"}

func TestLinks(t *testing.T) {
	o := openOffice(t)
	const product, all = "/shop/p/blue-mug", "/shop"
	tests := []struct{ address, path string }{
		{product, product},
		{" " + product + " ", product},
		{"https://shop.example" + product, product},
		{"HTTP://SHOP.example" + product, product},
		{"http://www.shop.example:8443" + product, product},
		{"//shop.example" + product, product},
		{product + "?utm=1#top", product},
		{"/shop/p/blue%2Dmug", product},
		{all, all},
		{"/shop/cart", "/shop/cart"},
		{"/shop?q=blue+mug&x=1", "/shop?q=blue+mug"},
		{"/shop?category=A%26B&q=", "/shop?category=A%26B"},
		{"/shop?q=%22%3E%3Cscript%3E", "/shop?q=%22%3E%3Cscript%3E"},

		{"javascript:alert(1)", ""}, {"JaVaScRiPt:alert(1)", ""}, {"java\tscript:alert(1)", ""}, {"java\nscript:alert(1)", ""},
		{" javascript:alert(1)", ""}, {"\x01javascript:alert(1)", ""}, {"data:text/html,x", ""}, {"vbscript:x", ""}, {"blob:x", ""}, {"file:///shop", ""}, {"ftp://shop.example" + product, ""},
		{"//evil.example/shop", ""}, {"http://evil.example/shop", ""}, {"https://evil.example" + product, ""},
		{"https://shop.example.evil.example/shop", ""}, {"https://evil.example#shop.example/shop", ""}, {"https://shop.example:444/shop", ""},
		{"https://www.shop.example/shop", ""}, {"https://shop.example.:80/shop", ""},
		{"https://shop.example@evil.example/shop", ""}, {"https://a:b@shop.example/shop", ""}, {"//a@shop.example/shop", ""},
		{`\\evil.example`, ""}, {`/\evil.example`, ""}, {`/shop\..\api`, ""}, {"https:/shop", ""}, {"https:shop", ""}, {"https:///shop", ""}, {"///shop", ""},
		{"/shop/../api", ""}, {"/shop/%2e%2e/api", ""}, {"/shop/p/..", ""}, {"/shop/p/.", ""}, {"/shop/p/%2E%2E%2Fcart", ""}, {"/shop//cart", ""}, {"/shop/p//blue-mug", ""},
		{"/desk", ""}, {"/api/cart", ""}, {"/", ""}, {"shop", ""}, {"?q=x", ""}, {"#x", ""}, {"/shopping", ""}, {"/shop/p", ""}, {"/shop/p/none", ""}, {"/shop/p/blue-mug/x", ""},
		{"/shop?q=%00", ""}, {"/shop?q=a%0Db", ""}, {"/shop?category=%7F", ""}, {"/shop?q=%C2%85", ""}, {"/shop?q=%FF", ""},
		{"", ""}, {"%", ""}, {"/shop/%zz", ""}, {"/shop?q=" + strings.Repeat("x", shared.MaxPath), ""}, {"\xff", ""}, {"/shop/p/blue-mug\x00", ""},
	}
	for _, test := range tests {
		link, err := o.LinkTo(t.Context(), test.address, hosts)
		if link.Path != test.path || (test.path == "") != (err != nil) {
			t.Errorf("%q: got %+v, %v; want %q", test.address, link, err, test.path)
		}
		if code := codeOf(err); err != nil && code != shared.CodeBadLink && code != shared.CodeInvalid {
			t.Errorf("%q: got %v", test.address, err)
		}
	}
	if link, err := o.LinkTo(t.Context(), product, nil); err != nil || link.Title != "Blue mug" || link.SKU != mug.SKU {
		t.Errorf("got %+v, %v", link, err)
	}
	if _, err := o.LinkTo(t.Context(), "https://shop.example"+product, nil); codeOf(err) != shared.CodeBadLink {
		t.Errorf("a host where none is ours: got %v", err)
	}
}

// anySlug sells a product under every slug, also those that no catalogue may have.
type anySlug struct{ cart.Store }

func (anySlug) ProductBySlug(_ context.Context, slug string) (shared.Product, error) {
	return shared.Product{SKU: "X", Slug: slug}, nil
}

// FuzzOwnPath: whatever is accepted, a browser on our page finds it under /shop of this
// site.
func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{
		"/shop", "/shop/cart", "/shop/p/blue-mug", "https://shop.example/shop?q=x&category=y", "//evil.example/shop/p/x", `/\evil.example/shop`,
		"/shop/p/%252e%252e/%252e%252e/api", "/shop/p/%5c%5cevil", "/shop/p/%3f/../..", "/shop/p/a%23b", "javascript:/shop/p/x", "/shop/p/%2e%2e/x", "/shop/p/\u3002\u3002/x", "/shop/p/;/x",
	} {
		f.Add(seed)
	}
	desk := assist.NewDesk(assist.Config{Carts: cart.NewService(anySlug{}, nil, func() {})})
	base, err := url.Parse("https://shop.example/shop/cart?x=y")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, address string) {
		link, err := desk.LinkTo(t.Context(), address, hosts)
		if err != nil {
			return
		}
		// A browser drops tabs and line breaks, takes backslashes for slashes, and
		// an encoded dot for a dot.
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/", "%2e", ".", "%2E", ".").Replace(link.Path)
		target, err := base.Parse(read)
		if err != nil {
			t.Fatalf("%q became %q: %v", address, link.Path, err)
		}
		if target.Scheme != "https" || target.Host != "shop.example" || target.User != nil || target.Path != "/shop" && !strings.HasPrefix(target.Path, "/shop/") {
			t.Fatalf("%q became %q, which leads to %s", address, link.Path, target)
		}
	})
}

// A link goes forward only: sent, delivered, opened, added; or dismissed.
func TestReceipts(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe)
	send := func(address string) string {
		t.Helper()
		r, err := o.SendLink(ctx, zoe, id, shared.SendLink{URL: address}, hosts)
		if err != nil {
			t.Fatal(err)
		}
		return r.Links[len(r.Links)-1].ID
	}
	state := func(link string) shared.LinkState {
		for _, l := range o.cart(id).Links {
			if l.ID == link {
				return l.State
			}
		}
		return ""
	}
	tests := []struct {
		moves []shared.LinkState
		want  shared.LinkState
		told  int
	}{
		{nil, shared.LinkSent, 0},
		{[]shared.LinkState{shared.LinkDelivered, shared.LinkDelivered}, shared.LinkDelivered, 1},
		{[]shared.LinkState{shared.LinkDelivered, shared.LinkOpened, shared.LinkDelivered, shared.LinkDismissed}, shared.LinkOpened, 2},
		{[]shared.LinkState{shared.LinkOpened}, shared.LinkOpened, 1},
		{[]shared.LinkState{shared.LinkDismissed, shared.LinkOpened, shared.LinkDelivered}, shared.LinkDismissed, 1},
	}
	for _, test := range tests {
		link := send("/shop/cart")
		version := o.cart(id).Version
		for _, move := range test.moves {
			o.wants("move", second(o.MoveLink(ctx, "guest", link, shared.MoveLink{State: move})), "")
		}
		if got := state(link); got != test.want || o.cart(id).Version != version+int64(test.told) {
			t.Errorf("%v: got %s after %d changes, want %s after %d", test.moves, got, o.cart(id).Version-version, test.want, test.told)
		}
	}
	link := send("/shop/p/desk-lamp")
	o.wants("opened", second(o.MoveLink(ctx, "guest", link, shared.MoveLink{State: shared.LinkOpened})), "")
	before := o.cart(id).Links[len(o.cart(id).Links)-1].At
	o.pass(1)
	if _, err := o.carts.SetLine(ctx, guest, lamp.SKU, shared.SetLine{Quantity: 1}); err != nil {
		t.Fatal(err)
	}
	last := o.last(id)
	if state(link) != shared.LinkAdded || last.Link == nil || last.Link.ID != link || last.Link.State != shared.LinkAdded || last.Link.At.Before(before) || !last.Link.At.Equal(last.At) {
		t.Errorf("added: got %s, %+v", state(link), last.Link)
	}
	o.wants("made up", second(o.MoveLink(ctx, "guest", "none", shared.MoveLink{State: shared.LinkOpened})), shared.CodeNotFound)
	o.wants("not the page's to tell", second(o.MoveLink(ctx, "guest", link, shared.MoveLink{State: shared.LinkAdded})), shared.CodeInvalid)
	o.wants("someone else's", second(o.MoveLink(ctx, "other", link, shared.MoveLink{State: shared.LinkOpened})), shared.CodeNotFound)
	for range shared.MaxLinks {
		link = send("/shop")
	}
	if links := o.cart(id).Links; len(links) != shared.MaxLinks || links[len(links)-1].ID != link {
		t.Errorf("got %d links", len(links))
	}
}
