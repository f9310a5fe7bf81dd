package base_test

import (
	"testing"

	"cartline/app/base"
)

func TestBase(t *testing.T) {
	defer base.Set("")
	for _, test := range []struct{ base, address, want string }{
		{"", "/desk", "/desk"},
		{"/", "/desk", "/desk"},
		{"/live", "/", "/live/"},
		{"/live", "/desk", "/live/desk"},
		{"/live/", "/shop?q=a#b", "/live/shop?q=a#b"},
		{"/a/b", "/api/carts", "/a/b/api/carts"},
		{"/live", "#main", "#main"},
		{"/live", "//evil.example/", "//evil.example/"},
		{"/live", "https://shop.example/", "https://shop.example/"},
		{"/live", "tel:1", "tel:1"},
		{"/live", "", ""},
	} {
		base.Set(test.base)
		got := base.Of(test.address)
		if got != test.want {
			t.Errorf("%q, Of(%q): got %q, want %q", test.base, test.address, got, test.want)
		}
		ours := test.want != "" && test.want[0] == '/' && test.address != "//evil.example/"
		if back, ok := base.Below(got); back != test.address || ok != ours {
			t.Errorf("%q, Below(%q): got %q, %v, want %q, %v", test.base, got, back, ok, test.address, ours)
		}
	}
}

// Below leaves alone what is beside the base, also where it begins alike.
func TestBeside(t *testing.T) {
	defer base.Set("")
	base.Set("/live")
	for _, address := range []string{"/", "/live", "/lively", "/other/live/", "live/", "/live//evil.example"} {
		if got, ok := base.Below(address); ok || got != address {
			t.Errorf("%q: got %q, %v", address, got, ok)
		}
	}
}
