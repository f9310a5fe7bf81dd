package deployed

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// TestBelow is below a path, which the proxy passes on or takes off, in the ways that
// docs/deploying.md names.
func TestBelow(t *testing.T) {
	t.Parallel()
	t.Run("nginx, with TLS", func(t *testing.T) {
		t.Parallel()
		below(t, "https", func(t *testing.T, address, server string) {
			folder := t.TempDir()
			cert, key := certificate(t, folder)
			nginxWith(t, folder, replaced(t, "nginx-prefix.conf", "127.0.0.1:8080", server,
				"listen 443 ssl", "listen "+address+" ssl", "shop.example;", "localhost;",
				"/etc/ssl/shop.example.pem", cert, "/etc/ssl/shop.example.key", key))
		})
	})
	t.Run("nginx takes it off", func(t *testing.T) {
		t.Parallel()
		below(t, "http", func(t *testing.T, address, server string) {
			nginxWith(t, t.TempDir(), replaced(t, "nginx-prefix.conf",
				"proxy_pass http://127.0.0.1:8080;", "proxy_pass http://"+server+"/;",
				"listen 443 ssl", "listen "+address, "shop.example;", "localhost;",
				"ssl_certificate     /etc/ssl/shop.example.pem;", "", "ssl_certificate_key /etc/ssl/shop.example.key;", ""))
		})
	})
	t.Run("Caddy takes it off", func(t *testing.T) {
		t.Parallel()
		below(t, "http", func(t *testing.T, address, server string) {
			caddyWith(t, t.TempDir(), `http://`+address+` {
	bind 127.0.0.1
	redir /live /live/ 308
	handle_path /live/* {
		reverse_proxy `+server+`
	}
}
`)
		})
	})
}

// below starts a server, and a proxy that has it below /live, and looks at pages, files,
// API, cookies and sockets.
func below(t *testing.T, scheme string, start func(t *testing.T, address, server string)) {
	address := testenv.FreeAddress(t)
	origin := scheme + "://" + address
	server := testenv.StartServer(t, testenv.ServerOptions{Args: []string{
		"--public-url", origin + "/live", "--trusted-proxy", "127.0.0.1", "--demo", "--demo-shoppers", "0",
	}})
	start(t, address, strings.TrimPrefix(server.BaseURL, "http://"))
	answers(t, origin+"/live")

	v := newVisitor(t, origin)
	links := 0
	for path, want := range map[string]string{"/live": "/live/", "/live/shop": "/live/shop", "/live/events/": "/live/events", "/live/shop/p/blue-mug": "/live/shop/p/blue-mug"} {
		r, err := v.client.Get(origin + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if r.StatusCode != http.StatusOK || r.Request.URL.Path != want {
			t.Errorf("%s: got %d at %s, want %s", path, r.StatusCode, r.Request.URL.Path, want)
		}
		_, page, err := v.ask("GET", want, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?:href|src)="(/[^"#]*)`).FindAllSubmatch(page, -1) {
			link := strings.ReplaceAll(string(found[1]), "&amp;", "&")
			links++
			if status, _, err := v.ask("GET", link, ""); err != nil || status != http.StatusOK || !strings.HasPrefix(link, "/live/") {
				t.Errorf("%s leads to %s: got %d, %v", path, link, status, err)
			}
		}
	}
	if links < 20 {
		t.Errorf("looked at %d links only", links)
	}

	v.must(t, "PUT", "/live/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	inside, err := url.Parse(origin + "/live/")
	if err != nil {
		t.Fatal(err)
	}
	beside := *inside
	beside.Path = "/"
	ours := v.client.Jar.Cookies(inside)
	if others := v.client.Jar.Cookies(&beside); len(ours) != 1 || len(others) != 0 {
		t.Fatalf("got cookies %v below, and %v beside", ours, others)
	}
	if secure := strings.HasPrefix(ours[0].Name, "__Secure-"); secure != (scheme == "https") {
		t.Errorf("got cookie %v", ours[0])
	}
	header := http.Header{"Origin": {origin}, "Cookie": {fmt.Sprint(ours[0])}}
	for path, talk := range map[string][2]string{"/live/echo": {"", "Echo Initiated"}, "/live/events/io": {`{"listen":"my_cart"}`, `["listening",{"channel":"my_cart"`}} {
		conn, _, err := websocket.Dial(within(t), origin+path, &websocket.DialOptions{HTTPHeader: header})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		defer func() { _ = conn.CloseNow() }() // an error means that it is closed
		if talk[0] != "" {
			if err := conn.Write(within(t), websocket.MessageText, []byte(talk[0])); err != nil {
				t.Fatal(err)
			}
		}
		if _, got, err := conn.Read(within(t)); err != nil || !strings.HasPrefix(string(got), talk[1]) {
			t.Errorf("%s: got %s, %v", path, got, err)
		}
	}
	testenv.Eventually(t, patience, "the client's address in the log", func() bool {
		return strings.Contains(server.Log(), `msg="echo connected" remote=`+clientAddress)
	})
}
