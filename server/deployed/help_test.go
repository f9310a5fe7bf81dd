package deployed

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

const (
	patience = 90 * time.Second

	// clientAddress is where these clients connect from: another address than that of the
	// proxies, all on the loopback interface.
	clientAddress = "127.0.0.9"
)

func TestMain(m *testing.M) {
	if settings := os.Getenv(pebbleRole); settings != "" {
		log.Fatal(bePebble(settings))
	}
	// The WebSocket client goes by way of it. Whose certificate a proxy shows is not what
	// these tests are about, and Caddy makes its own.
	http.DefaultTransport = &http.Transport{
		DialContext:       (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}, Timeout: patience}).DialContext,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true},
		DisableKeepAlives: true,
	}
	testenv.Main(m)
}

// replaced reads a file of deploy/ and puts other texts in the place of some, each of
// which must be there.
func replaced(t *testing.T, name string, pairs ...string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(file)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q", name, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// write writes a file into a folder and returns its path.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate makes one for localhost that nobody has signed.
func certificate(t *testing.T, folder string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, folder, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, folder, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
}

// run starts a proxy, which ends with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if cmd.Err != nil {
		t.Fatalf("%v: install it (Debian: apt-get install %s)", cmd.Err, filepath.Base(cmd.Path))
	}
	out := new(testenv.Output)
	cmd.Stdout, cmd.Stderr = out, out
	proxy, err := testenv.StartCommand(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		proxy.Terminate()
		select {
		case <-proxy.Ended():
		case <-time.After(patience):
			t.Error("the proxy doesn't end")
			proxy.Kill()
		}
		if t.Failed() {
			t.Logf("what the proxy wrote:\n%s", out)
		}
	})
}

// visitor is a browser with cookies of its own.
type visitor struct {
	url    string
	client *http.Client
}

func newVisitor(t *testing.T, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{address, &http.Client{Jar: jar, Timeout: patience}}
}

// ask sends a request of JSON, and returns the status and the body. The error is that
// there was no answer.
func (v *visitor) ask(method, path, body string) (int, []byte, error) {
	r, err := http.NewRequest(method, v.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", v.url)
	// What anybody can write.
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	r.Header.Set("X-Forwarded-Proto", "http")
	r.Header.Set("X-Forwarded-Host", "evil.example")
	r.Header.Set("Forwarded", `for=198.51.100.1;proto=http;host=evil.example`)
	response, err := v.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, answer, errors.Join(err, response.Body.Close())
}

// must is ask that must succeed, and decodes the answer into value unless that is nil.
func (v *visitor) must(t *testing.T, method, path, body string, value any) {
	t.Helper()
	status, answer, err := v.ask(method, path, body)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s %s: got %d %s, %v", method, path, status, answer, err)
	}
	if value != nil {
		if err := json.Unmarshal(answer, value); err != nil {
			t.Fatalf("%s %s: got %s: %v", method, path, answer, err)
		}
	}
}

// header is what a handshake of the visitor's has, with a line more.
func (v *visitor) header(t *testing.T) http.Header {
	t.Helper()
	address, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Origin": {"https://" + address.Host}, "X-Forwarded-For": {"198.51.100.1"}}
	for _, c := range v.client.Jar.Cookies(address) {
		header.Add("Cookie", c.String())
	}
	return header
}

// signIn signs in as the demo's staff, whose password a server has printed.
func (v *visitor) signIn(t *testing.T, output string) {
	t.Helper()
	found := regexp.MustCompile(`as  (\S+)  with the password  (\S+)`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("there is no password in\n%s", output)
	}
	body, err := json.Marshal(shared.SignIn{Username: found[1], Password: found[2]})
	if err != nil {
		t.Fatal(err)
	}
	v.must(t, "POST", "/api/staff/session", string(body), nil)
}

// answers waits until a proxy leads to a server that is up.
func answers(t *testing.T, address string) {
	t.Helper()
	v, last := newVisitor(t, address), ""
	defer func() {
		if t.Failed() {
			t.Log("last: ", last)
		}
	}()
	testenv.Eventually(t, patience, "the server to answer through the proxy", func() bool {
		status, body, err := v.ask("GET", "/healthz", "")
		last = fmt.Sprint(status, " ", string(body), " ", err)
		return status == http.StatusOK
	})
}

// within bounds how long a test may take.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	return ctx
}
