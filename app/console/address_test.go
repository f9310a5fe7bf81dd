package console

import (
	"net/url"
	"strings"
	"testing"

	"cartline/app/base"
)

var (
	plain  = site{scheme: "http", host: "localhost:8080"}
	secure = site{scheme: "https", host: "shop.example"}
)

func TestEndpoint(t *testing.T) {
	tests := []struct {
		site site
		path string
		want string
	}{
		{plain, pathEcho, "ws://localhost:8080/echo"},
		{plain, pathEvents, "ws://localhost:8080/events/io"},
		{secure, pathEcho, "wss://shop.example/echo"},
	}
	for _, test := range tests {
		if got := test.site.endpoint(test.path); got != test.want {
			t.Errorf("endpoint(%q) of %v: got %q, want %q", test.path, test.site, got, test.want)
		}
	}
}

func TestCheckTakes(t *testing.T) {
	tests := []struct {
		site  site
		typed string
		want  address
	}{
		{plain, "ws://localhost:8080/echo", address{url: "ws://localhost:8080/echo", host: "localhost:8080", path: "/echo", own: true}},
		{plain, "  ws://LOCALHOST:8080/echo ", address{url: "ws://LOCALHOST:8080/echo", host: "LOCALHOST:8080", path: "/echo", own: true}},
		{plain, "WS://localhost:8080", address{url: "ws://localhost:8080", host: "localhost:8080", path: "/", own: true}},
		{plain, "ws://localhost:8081/echo", address{url: "ws://localhost:8081/echo", host: "localhost:8081", path: "/echo"}},
		{plain, "ws://127.0.0.1:8080/echo", address{url: "ws://127.0.0.1:8080/echo", host: "127.0.0.1:8080", path: "/echo"}},
		{plain, "wss://localhost:8080/echo", address{url: "wss://localhost:8080/echo", host: "localhost:8080", path: "/echo", secure: true}},
		{plain, "wss://echo.example/a?b=c", address{url: "wss://echo.example/a?b=c", host: "echo.example", path: "/a", query: "b=c", secure: true}},
		{plain, "ws://[::1]:9000/x", address{url: "ws://[::1]:9000/x", host: "[::1]:9000", path: "/x"}},
		{secure, "wss://shop.example:443/events/io", address{url: "wss://shop.example:443/events/io", host: "shop.example:443", path: "/events/io", secure: true, own: true}},
	}
	for _, test := range tests {
		got, wrong := test.site.check(test.typed)
		if wrong != nil {
			t.Errorf("check(%q): got fault %q", test.typed, wrong.text)
			continue
		}
		if got != test.want {
			t.Errorf("check(%q): got %+v, want %+v", test.typed, got, test.want)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct {
		site       site
		typed      string
		text       string // a part of it
		suggestion string
	}{
		{plain, "", "Enter the address", "ws://localhost:8080/echo"},
		{plain, "   ", "Enter the address", "ws://localhost:8080/echo"},
		{plain, "http://localhost:8080/echo", "address of a web page", "ws://localhost:8080/echo"},
		{plain, "https://echo.example/", "address of a web page", "wss://echo.example/"},
		{plain, "ftp://echo.example/", "not with ftp://", ""},
		{plain, "javascript:alert(1)", "starts with ws:// or wss://", ""},
		{plain, "localhost:8080/echo", "starts with ws:// or wss://", "ws://localhost:8080/echo"},
		{secure, "echo.example", "starts with ws:// or wss://", "wss://echo.example"},
		{plain, "//echo.example/x", "starts with ws:// or wss://", "ws://echo.example/x"},
		{plain, "/events/io", "names a host", "ws://localhost:8080/events/io"},
		{plain, "ws://", "names no host", ""},
		{plain, "ws:///echo", "names no host", ""},
		{plain, "ws://:8080/echo", "names no host", ""},
		{plain, "ws://localhost:0/", "from 1 to 65535", ""},
		{plain, "ws://localhost:70000/", "from 1 to 65535", ""},
		{plain, "ws://localhost:port/", "can't be read", ""},
		{plain, "ws://localhost:8080/echo#top", "no fragment", "ws://localhost:8080/echo"},
		{plain, "ws://localhost:8080/echo#", "no fragment", "ws://localhost:8080/echo"},
		{plain, "ws://a b/", "can't be read", ""},
	}
	for _, test := range tests {
		got, wrong := test.site.check(test.typed)
		if wrong == nil {
			t.Errorf("check(%q): got %+v, want a fault", test.typed, got)
			continue
		}
		if !strings.Contains(wrong.text, test.text) {
			t.Errorf("check(%q): got %q, want something with %q", test.typed, wrong.text, test.text)
		}
		if wrong.suggestion != test.suggestion {
			t.Errorf("check(%q): got suggestion %q, want %q", test.typed, wrong.suggestion, test.suggestion)
		}
	}
}

func TestEndpointOf(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"ws://localhost:8080/echo", pathEcho},
		{"ws://localhost:8080/events/io", pathEvents},
		{"ws://localhost:8080/", ""},
		{"ws://echo.example/echo", ""},
		{"nonsense", ""},
	}
	for _, test := range tests {
		if got := plain.endpointOf(test.typed); got != test.want {
			t.Errorf("endpointOf(%q): got %q, want %q", test.typed, got, test.want)
		}
	}
}

// FuzzCheck finds addresses that are taken and would make the browser's
// constructor throw, and suggestions that would be refused.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "ws://localhost:8080/echo", "http://x", "//", "/x#y", "ws://[::1]", "ws://%41/", "a:b:c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, wrong := plain.check(typed)
		if wrong != nil {
			if wrong.text == "" {
				t.Error("a fault without a word")
			}
			if wrong.suggestion != "" {
				if _, again := plain.check(wrong.suggestion); again != nil {
					t.Errorf("suggested %q, which is refused: %s", wrong.suggestion, again.text)
				}
			}
			return
		}
		u, err := url.Parse(got.url)
		if err != nil {
			t.Fatalf("took %q, which can't be read: %v", got.url, err)
		}
		if (u.Scheme != "ws" && u.Scheme != "wss") || u.Hostname() == "" || u.Fragment != "" || strings.Contains(got.url, "#") {
			t.Errorf("took %q", got.url)
		}
	})
}

// Below a path, the endpoints of this server are there, and what is beside it is another's.
func TestAddressBelow(t *testing.T) {
	base.Set("/live")
	defer base.Set("")
	if got, want := secure.endpoint(pathEcho), "wss://shop.example/live/echo"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for typed, want := range map[string]address{
		"wss://shop.example/live/echo?a=b": {path: "/echo", query: "a=b", own: true},
		"wss://shop.example/echo":          {path: "/echo"},
		"wss://shop.example/live":          {path: "/live"},
		"wss://other.example/live/echo":    {path: "/live/echo"},
	} {
		got, wrong := secure.check(typed)
		if wrong != nil || got.path != want.path || got.query != want.query || got.own != want.own || got.url != typed {
			t.Errorf("check(%q): got %+v, %v, want %+v", typed, got, wrong, want)
		}
	}
	if got := secure.endpointOf("wss://shop.example/live/events/io"); got != pathEvents {
		t.Errorf("got %q, want %q", got, pathEvents)
	}
	for _, typed := range []string{"/echo", "/live/echo"} {
		if _, wrong := secure.check(typed); wrong == nil || wrong.suggestion != "wss://shop.example/live/echo" {
			t.Errorf("check(%q): got %+v", typed, wrong)
		}
	}
}
