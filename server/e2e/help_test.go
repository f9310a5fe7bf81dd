package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// commandTimeout is for one command or call on a busy machine.
const commandTimeout = 90 * time.Second

// refused is allowed in tests that stop the server: what the page asks of it
// then fails.
const refused = "net::ERR_CONNECTION_REFUSED"

// closing is what a page meets that asks a server why it can't connect, while that
// shuts down.
const closing = "status 503: "

// gateway is the shipped program, running with demo data.
type gateway struct {
	*testenv.Server
	password string // of the user demo
	database string // for commands
}

// startGateway runs the program on a database of its own, or on the one that
// the arguments name. There are no simulated shoppers, unless they are asked for.
func startGateway(t testing.TB, args ...string) *gateway {
	t.Helper()
	g := &gateway{database: "sqlite:" + filepath.Join(t.TempDir(), "cartline.db")}
	for i, a := range args {
		if a == "--database" {
			g.database = args[i+1]
		}
	}
	g.Server = testenv.StartServer(t, testenv.ServerOptions{Args: append([]string{"--listen", testenv.FreeAddress(t), "--demo", "--demo-shoppers", "0", "--database", g.database}, args...)})
	found := regexp.MustCompile(`with the password  (\S+)`).FindStringSubmatch(g.Output())
	if found == nil {
		t.Fatalf("the program tells no demo password:\n%s", g.Output())
	}
	g.password = found[1]
	return g
}

// host returns the server's HOST:PORT.
func (g *gateway) host() string { return strings.TrimPrefix(g.BaseURL, "http://") }

// restart starts the server again, on the same port and database, without demo
// data: that would end the demo user's sessions.
func (g *gateway) restart(t testing.TB) {
	t.Helper()
	g.Server = testenv.StartServer(t, testenv.ServerOptions{Args: []string{"--listen", g.host(), "--database", g.database}})
}

// staff runs "cartline staff" with the arguments, beside the running server,
// and gives it input.
func (g *gateway) staff(t testing.TB, input string, args ...string) {
	t.Helper()
	g.command(t, input, append([]string{"staff"}, args...)...)
}

// command runs the program with the arguments, beside the running server, and gives
// it input.
func (g *gateway) command(t testing.TB, input string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	args = append(args, "--database", g.database)
	command := exec.CommandContext(ctx, testenv.Binary(t), args...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("cartline %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// caller calls the JSON API as a program that keeps cookies.
type caller struct {
	t      *testing.T
	origin string
	client *http.Client
}

func newCaller(t *testing.T, origin string) *caller {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is kept would be a goroutine left over.
	transport := &http.Transport{DisableKeepAlives: true}
	return &caller{t: t, origin: origin, client: &http.Client{Jar: jar, Transport: transport, Timeout: commandTimeout}}
}

// call makes a request that must succeed.
func (c *caller) call(method, path string, body any) {
	c.t.Helper()
	c.read(method, path, body, nil)
}

// read makes a request that must succeed, and decodes the answer, unless that is nil.
func (c *caller) read(method, path string, body, answer any) {
	c.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.origin+path, bytes.NewReader(encoded))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		c.t.Fatalf("%s %s: %s (error: %v)\n%s", method, path, response.Status, err, text)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
	}
}

// put makes a shopper's cart hold a number of a product that it has none of.
func (c *caller) put(sku string, quantity int) {
	c.t.Helper()
	c.call(http.MethodPut, "/api/cart/lines/"+sku, shared.SetLine{Quantity: quantity})
}

// cookies returns the Cookie header for the origin.
func (c *caller) cookies() string {
	c.t.Helper()
	u, err := url.Parse(c.origin)
	if err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, cookie := range c.client.Jar.Cookies(u) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(all, "; ")
}

// openConsole loads the console and waits until it works.
func openConsole(tab *testenv.Tab, origin string) {
	tab.Navigate(origin + "/")
	waitEnabled(tab, "open")
}

// waitEnabled waits until of the console's buttons these work and the others
// don't.
func waitEnabled(tab *testenv.Tab, ids string) {
	tab.WaitFunc(fmt.Sprintf(`["open", "close", "send"].filter((id) => !document.getElementById(id).disabled).join(" ") === %q`, ids))
}

// signIn loads the status page, signs in with the form and waits until the
// gateway is shown.
func signIn(tab *testenv.Tab, origin, username, password string) {
	tab.Navigate(origin + "/events")
	fillSignIn(tab, username, password)
	tab.WaitText("#who", username)
	tab.WaitText("#state", "Connected")
	// From here on what happens is heard of.
	tab.WaitContains("#feed", "Listening to cart_activity")
}

func fillSignIn(tab *testenv.Tab, username, password string) {
	tab.Fill("#username", username)
	tab.Fill("#password", password)
	tab.Click("#signin")
}
