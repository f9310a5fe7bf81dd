package deployed

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// alone is the program serving TLS itself.
type alone struct {
	address, plain string // with TLS, and the one that redirects
	folder         string
	log            *testenv.Output
}

// startAlone starts it, and ends it with the test.
func startAlone(t *testing.T, env []string, args ...string) *alone {
	t.Helper()
	a := &alone{address: testenv.FreeAddress(t), plain: testenv.FreeAddress(t), folder: t.TempDir(), log: new(testenv.Output)}
	cmd := exec.Command(testenv.Binary(t), append([]string{"--listen", a.address, "--http-redirect", a.plain}, args...)...)
	others := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CARTLINE_") }) // of whoever runs the tests
	cmd.Dir, cmd.Env = a.folder, append(others, env...)
	out := new(testenv.Output)
	cmd.Stdout, cmd.Stderr = out, a.log
	program, err := testenv.StartCommand(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Terminate()
		<-program.Ended()
		if t.Failed() {
			t.Logf("the program wrote:\n%s%s", out, a.log)
		}
	})
	testenv.Eventually(t, patience, "the program to listen", func() bool {
		select {
		case <-program.Ended():
			t.Fatalf("it ended:\n%s%s", out, a.log)
		default:
		}
		return strings.Contains(out.String(), "listening on https://"+a.address)
	})
	return a
}

// shake makes a handshake and returns the certificate that was shown.
func (a *alone) shake(config *tls.Config) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", a.address, config)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// redirected is how the answer to a request without TLS goes on.
func (a *alone) redirected(t *testing.T, method, path string) (int, string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequest(method, "http://"+local(a.plain)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Location")
}

// TestTLS serves with a certificate from files, which is replaced.
func TestTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := certificate(t, folder)
	a := startAlone(t, nil, "--tls-cert", cert, "--tls-key", key, "--demo", "--demo-shoppers", "1")
	anyone := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}
	first, err := a.shake(anyone)
	if err != nil {
		t.Fatal(err)
	}

	// Pages and sockets, with cookies for TLS alone.
	v := newVisitor(t, "https://"+a.address)
	v.must(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, nil)
	if got := v.header(t).Get("Cookie"); !strings.HasPrefix(got, "__Host-cartline_shopper=") {
		t.Errorf("got cookie %s", got)
	}
	conn, _, err := websocket.Dial(within(t), "wss://"+a.address+"/echo", &websocket.DialOptions{HTTPHeader: v.header(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }() // an error means that it is closed
	// What happens is told over TLS, too, where nothing can be written without waiting.
	events, _, err := websocket.Dial(within(t), "wss://"+a.address+"/events/io", &websocket.DialOptions{HTTPHeader: v.header(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = events.CloseNow() }() // as above
	if err := events.Write(within(t), websocket.MessageText, []byte(`{"listen":"my_cart"}`)); err != nil {
		t.Fatal(err)
	}
	hear := func(want string) {
		if _, got, err := events.Read(within(t)); err != nil || !strings.HasPrefix(string(got), want) {
			t.Fatalf("got %s, %v, want %s", got, err, want)
		}
	}
	hear(`["listening",`)
	v.must(t, "PUT", "/api/cart/lines/ALARM-1", `{"quantity":1}`, nil)
	hear(`["my_cart",`)
	if status, to := a.redirected(t, "GET", "/shop?q=a"); status != http.StatusPermanentRedirect || to != "https://"+local(a.address)+"/shop?q=a" {
		t.Errorf("without TLS: got %d to %s", status, to)
	}
	if status, to := a.redirected(t, "POST", "/api/staff/session"); status != http.StatusBadRequest || to != "" {
		t.Errorf("what was sent without TLS: got %d to %s", status, to)
	}
	// The simulated shoppers find their way, too.
	testenv.Eventually(t, patience, "a simulated shopper", func() bool {
		return strings.Contains(a.log.String(), "path=/api/cart") && !strings.Contains(a.log.String(), "level=ERROR")
	})

	// Half of a new one is no good; the old one stays, and so does the connection.
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := a.shake(anyone); err != nil || !got.Equal(first) {
		t.Errorf("with half a certificate: got %v, want the first", err)
	}
	const unusable = "the certificate has changed, and the new one can't be used"
	testenv.Eventually(t, patience, "the log to tell of it", func() bool { return strings.Contains(a.log.String(), unusable) })
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if got, err := a.shake(anyone); err != nil || !got.Equal(first) {
		t.Errorf("without the file: got %v, want the first", err)
	}
	if got := strings.Count(a.log.String(), unusable); got != 1 {
		t.Errorf("the log tells %d times of what can't be used, want once", got)
	}
	certificate(t, folder)
	second, err := a.shake(anyone)
	if err != nil || second.Equal(first) {
		t.Errorf("after the change: got the same certificate, or %v", err)
	}
	if _, greeting, err := conn.Read(within(t)); err != nil || string(greeting) != "Echo Initiated" {
		t.Errorf("the socket from before: got %q, %v", greeting, err)
	}
}

// TestACME gets a certificate from Pebble, the test server of the authority that began it,
// by either way of showing whose the name is.
func TestACME(t *testing.T) {
	t.Parallel()
	for _, challenge := range []string{"tls-alpn-01", "http-01"} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			// Pebble has to know where to look for the name, before the program is there.
			directory, trusted := testenv.FreeAddress(t), t.TempDir()
			a := startAlone(t, []string{"SSL_CERT_FILE=" + filepath.Join(trusted, "directory.pem")},
				"--acme-domain", "shop.test", "--acme-directory", "https://"+directory+"/dir", "--acme-email", "me@shop.test")
			tlsAddress, httpAddress := a.address, testenv.FreeAddress(t)
			if challenge == "http-01" {
				tlsAddress, httpAddress = testenv.FreeAddress(t), a.plain
			}
			startPebble(t, directory, trusted, port(t, tlsAddress), port(t, httpAddress))

			if _, err := a.shake(&tls.Config{ServerName: "other.test"}); err == nil {
				t.Error("there is a certificate for any name")
			}
			roots := x509.NewCertPool()
			root, err := os.ReadFile(filepath.Join(trusted, "root.pem"))
			if err != nil || !roots.AppendCertsFromPEM(root) {
				t.Fatal(err)
			}
			var last error
			testenv.Eventually(t, patience, "a certificate", func() bool {
				_, last = a.shake(&tls.Config{ServerName: "shop.test", RootCAs: roots})
				return last == nil
			})
			files, err := filepath.Glob(filepath.Join(a.folder, "data", "acme", "shop.test*"))
			if err != nil || len(files) == 0 {
				t.Errorf("nothing is kept for the next start: %v, %v", files, err)
			}
			if status, to := a.redirected(t, "GET", "/shop"); status != http.StatusPermanentRedirect || to != "https://shop.test:"+fmt.Sprint(port(t, a.address))+"/shop" {
				t.Errorf("without TLS: got %d to %s", status, to)
			}
		})
	}
}

func port(t *testing.T, address string) int {
	t.Helper()
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return resolved.Port
}
