package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
	"cartline/shared/live"
)

// retrofit is the folder of the walk-through, and python the one that has psycopg2 from
// Debian.
const (
	retrofit = "../../docs/retrofit"
	python   = "/usr/bin/python3"
)

// patient has a gateway wait for an application on a busy machine, where nothing is told
// of that in its command.
var patient = []string{"CARTLINE_AUTH_TIMEOUT=9s"}

// sampleStore is the store of the walk-through, running.
type sampleStore struct{ url, database string }

// notifies is what the store does for a gateway without an outbox.
var notifies = regexp.MustCompile(`SELECT pg_notify\('cart_activity'[^"]*`)

// startSampleStore runs the store, whose pages look for the gateway at an address, as it is
// or without its NOTIFY of carts.
func startSampleStore(t *testing.T, gateway string, silent bool) *sampleStore {
	t.Helper()
	if output, err := exec.Command(python, "-c", "import psycopg2").CombinedOutput(); err != nil {
		t.Fatalf("the sample store needs %s with psycopg2; install it (Debian: apt-get install python3-psycopg2): %v\n%s", python, err, output)
	}
	s := &sampleStore{database: testenv.Postgres(t)}
	folder := retrofit
	if silent {
		folder = t.TempDir()
		for _, name := range []string{"store.py", "live.js"} {
			text, err := os.ReadFile(filepath.Join(retrofit, name))
			if err != nil {
				t.Fatal(err)
			}
			if name == "store.py" && len(notifies.FindAll(text, -1)) != 1 {
				t.Fatal("the store's NOTIFY isn't where this test looks for it")
			}
			if err := os.WriteFile(filepath.Join(folder, name), notifies.ReplaceAll(text, []byte("SELECT 1\n")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command(python, filepath.Join(folder, "store.py"), s.database, "0", gateway)
	output := new(testenv.Output)
	cmd.Stdout, cmd.Stderr = output, output
	store, err := testenv.StartCommand(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Kill()
		if t.Failed() {
			t.Logf("the store's log:\n%s", output)
		}
	})
	var found []string
	testenv.Eventually(t, commandTimeout, "the store to listen", func() bool {
		select {
		case <-store.Ended():
			return true
		default:
		}
		found = regexp.MustCompile(`listens on http://localhost(:\d+)\n`).FindStringSubmatch(output.String())
		return found != nil
	})
	if found == nil {
		t.Fatalf("the store ended at once:\n%s", output.String())
	}
	s.url = "http://127.0.0.1" + found[1]
	return s
}

// customer signs in at the store, as a program that keeps cookies.
func (s *sampleStore) customer(t *testing.T, name string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: commandTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	s.post(t, client, "/sign-in", url.Values{"name": {name}, "password": {name + "'s secret"}})
	return client
}

func (s *sampleStore) post(t *testing.T, client *http.Client, path string, form url.Values) {
	t.Helper()
	response, err := client.PostForm(s.url+path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if page, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(page), "Signed in as") {
		t.Fatalf("%s: got %s %s, %v", path, response.Status, page, err)
	}
}

// gatewayCommands returns the arguments of each gateway of the walk-through, as it is
// printed there, with our addresses.
func (s *sampleStore) gatewayCommands(t *testing.T, listen string) [][]string {
	t.Helper()
	text, err := os.ReadFile(retrofit + ".md")
	if err != nil {
		t.Fatal(err)
	}
	var commands [][]string
	for _, block := range regexp.MustCompile("(?s)```sh\nbin/cartline (--serve gateway.*?)\n```").FindAllStringSubmatch(string(text), -1) {
		command := block[1]
		for theirs, ours := range map[string]string{
			"postgres://shop:shop@localhost/shop":     s.database,
			"postgres://reader:reader@localhost/shop": s.database,
			"localhost:8080":                          listen,
			"http://localhost:8000":                   s.url,
		} {
			command = strings.ReplaceAll(command, theirs, ours)
		}
		// A shell takes it apart, as it would for the reader.
		output, err := exec.Command("sh", "-c", "printf '%s\\0' "+command).Output()
		if err != nil {
			t.Fatal(err)
		}
		commands = append(commands, strings.Split(strings.TrimSuffix(string(output), "\x00"), "\x00"))
	}
	if len(commands) != 3 {
		t.Fatalf("the walk-through has %d gateways, want those that forward, with SQL and with Redis", len(commands))
	}
	return commands
}

// The walk-through of docs/retrofit.md, with its very commands: who signs in at a store in
// another language sees there, through the gateway, what happens in it.
func TestRetrofit(t *testing.T) {
	t.Parallel()
	address := testenv.FreeAddress(t)
	store := startSampleStore(t, fmt.Sprintf("ws://%s/events/io", address), false)
	forward := store.gatewayCommands(t, address)[0]
	g := testenv.StartServer(t, testenv.ServerOptions{Args: forward, Env: patient})

	tab := store.watch(t)
	carl := store.customer(t, "carl")
	store.post(t, carl, "/add", url.Values{"item": {"mug"}})
	tab.WaitText("#live li:last-child", "carl: 1 × mug")
	store.post(t, carl, "/add", url.Values{"item": {"mug"}})
	tab.WaitText("#live li:last-child", "carl: 2 × mug")
	wantNoSocket(t, "http://"+address, store, carl) // his team has no role

	// The gateway goes and comes back, and so does the page.
	g.Stop(t)
	tab.WaitText("#state", "connecting")
	testenv.StartServer(t, testenv.ServerOptions{Args: forward, Env: patient})
	tab.WaitText("#state", "connected")
	store.post(t, carl, "/add", url.Values{"item": {"tea"}})
	tab.WaitText("#live", "carl: 2 × mug, 1 × tea") // what was there was dropped

	// Ann signs out in another tab.
	other := tab.Another()
	other.Navigate(store.url)
	other.Click("[action='/sign-out'] button")
	tab.WaitText("#state", "signed out")
	store.wantTables(t, "carts", "sessions", "users")
}

// watch opens the page of somebody who sees live carts, and waits until it does.
func (s *sampleStore) watch(t *testing.T) *testenv.Tab {
	t.Helper()
	tab := testenv.Browser(t, testenv.BrowserOptions{Allow: []string{refused, "WebSocket connection to"}})
	tab.Navigate(s.url)
	tab.Fill("[name=name]", "ann")
	tab.Fill("[name=password]", "ann's secret")
	tab.Click("button")
	tab.WaitText("#state", "connected")
	return tab
}

// The same store with an outbox: while the gateway is away, nothing is missed.
func TestRetrofitWithOutbox(t *testing.T) {
	t.Parallel()
	address := testenv.FreeAddress(t)
	store := startSampleStore(t, fmt.Sprintf("ws://%s/events/io", address), true)
	script, err := os.ReadFile(filepath.Join(retrofit, "outbox.sql"))
	if err != nil {
		t.Fatal(err)
	}
	store.execute(t, string(script))
	args := append(store.gatewayCommands(t, address)[0], "--outbox")
	g := testenv.StartServer(t, testenv.ServerOptions{Args: args, Env: patient})
	tab := store.watch(t)
	carl := store.customer(t, "carl")
	store.post(t, carl, "/add", url.Values{"item": {"mug"}})
	tab.WaitText("#live", "carl: 1 × mug")
	g.Kill()
	tab.WaitText("#state", "connecting")
	store.post(t, carl, "/add", url.Values{"item": {"mug"}})
	store.post(t, carl, "/add", url.Values{"item": {"tea"}})
	testenv.StartServer(t, testenv.ServerOptions{Args: args, Env: patient})
	tab.WaitText("#live", "carl: 1 × mug\ncarl: 2 × mug\ncarl: 2 × mug, 1 × tea")
	store.post(t, carl, "/add", url.Values{"item": {"tea"}})
	tab.WaitText("#live", "carl: 1 × mug\ncarl: 2 × mug\ncarl: 2 × mug, 1 × tea\ncarl: 2 × mug, 2 × tea")
}

// The same store, with the gateway looking into its sessions by itself.
func TestRetrofitWithSQL(t *testing.T) {
	t.Parallel()
	store := startSampleStore(t, "", false)
	g := testenv.StartServer(t, testenv.ServerOptions{Args: store.gatewayCommands(t, "")[1], Env: patient})
	ann, carl := store.customer(t, "ann"), store.customer(t, "carl")
	wantNoSocket(t, g.BaseURL, store, carl)
	wantNoSocket(t, g.BaseURL, store, &http.Client{})
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := dialAs(ctx, g.BaseURL, store, ann)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Abandon()
	if err := conn.WriteText(ctx, `{"listen":"cart_activity"}`); err != nil {
		t.Fatal(err)
	}
	next := func(want ...string) {
		t.Helper()
		message, err := conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(string(message.Data), part) {
				t.Errorf("got %s, want it to have %s", message.Data, part)
			}
		}
	}
	next(`["listening",{"channel":"cart_activity"`)
	store.post(t, carl, "/add", url.Values{"item": {"mug"}})
	next(`["cart_activity",{`, `"owner":"carl"`, `"mug":1`)
	store.wantTables(t, "carts", "sessions", "users")
}

func dialAs(ctx context.Context, gateway string, store *sampleStore, who *http.Client) (*live.Conn, error) {
	header := http.Header{"Origin": {store.url}}
	if address, err := url.Parse(store.url); err == nil && who.Jar != nil {
		for _, cookie := range who.Jar.Cookies(address) {
			header.Add("Cookie", cookie.String())
		}
	}
	return live.Dial(ctx, gateway+"/events/io", live.Options{Header: header})
}

// wantNoSocket fails the test if somebody may listen.
func wantNoSocket(t *testing.T, gateway string, store *sampleStore, who *http.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := dialAs(ctx, gateway, store, who)
	if err == nil {
		conn.Abandon()
	}
	if err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("got %v, want 403", err)
	}
}

// execute does something in the store's database.
func (s *sampleStore) execute(t *testing.T, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, script); err != nil {
		t.Fatal(err)
	}
}

// wantTables fails the test if the store's database has any table but these.
func (s *sampleStore) wantTables(t *testing.T, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var got []string
	err = conn.QueryRow(ctx, `SELECT array_agg(tablename::text ORDER BY tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`).Scan(&got)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the database has the tables %v, %v; want %v", got, err, want)
	}
}
