package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
)

// pemFiles writes the certificate that package httptest has, and its key.
func pemFiles(t *testing.T) (cert, key string) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	own := server.TLS.Certificates[0]
	pkcs8, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: own.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestTLSEnds: with both listeners and connections open, the program ends in order. That
// nothing is left of it, the package's leak check shows.
func TestTLSEnds(t *testing.T) {
	cert, key := pemFiles(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s := &serving{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.status = run(ctx, []string{
			"--listen", "127.0.0.1:0", "--http-redirect", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key,
			"--database", "sqlite:" + filepath.Join(t.TempDir(), "shop.db"),
		}, strings.NewReader(""), &s.out, &s.log)
	}()
	var found []string
	testenv.Eventually(t, patience, "the server to listen", func() bool {
		found = regexp.MustCompile(`listening on https://(\S+)\n`).FindStringSubmatch(s.out.String())
		return found != nil || s.ended()
	})
	if found == nil {
		t.Fatalf("the server ended at once, with status %d:\n%s", s.status, s.log.String())
	}
	for _, protocol := range []string{"h2", "http/1.1"} {
		conn, err := tls.Dial("tcp", found[1], &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, NextProtos: []string{protocol}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := conn.ConnectionState().NegotiatedProtocol; got != protocol {
			t.Errorf("got %q, want %q", got, protocol)
		}
	}
	s.end(t)
}

// TestFailedHandshakes: whoever fails to speak TLS fills no log, unless it is asked for.
func TestFailedHandshakes(t *testing.T) {
	cert, key := pemFiles(t)
	var log output
	web := newWeb(http.NotFoundHandler(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- web.ServeTLS(listener, cert, key) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the failure to be told", func() bool { return strings.Contains(log.String(), "TLS handshake error") })
	if got := log.String(); !strings.HasPrefix(got[strings.Index(got, "level="):], "level=DEBUG ") || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q, want one line for debugging", got)
	}
	if err := errors.Join(conn.Close(), web.Close()); err != nil {
		t.Error(err)
	}
	<-ended

	var usual output
	web = newWeb(nil, slog.New(slog.NewTextHandler(&usual, nil)))
	web.ErrorLog.Print("http: TLS handshake error from 192.0.2.1:1: EOF")
	web.ErrorLog.Print("http: Accept error")
	if got := usual.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `level=WARN msg="http: Accept error"`) {
		t.Errorf("got %q, want the other one alone", got)
	}
}

// TestTakenAddress: an address for --http-redirect that is taken is told, and nothing is left.
func TestTakenAddress(t *testing.T) {
	cert, key := pemFiles(t)
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	var out, log strings.Builder
	status := run(t.Context(), []string{
		"--listen", "127.0.0.1:0", "--http-redirect", taken.Listener.Addr().String(), "--tls-cert", cert, "--tls-key", key,
		"--database", "sqlite:" + filepath.Join(t.TempDir(), "shop.db"),
	}, strings.NewReader(""), &out, &log)
	if status != 1 || !strings.Contains(log.String(), "for --http-redirect") {
		t.Errorf("got status %d, %q", status, log.String())
	}
}

func TestRedirectTo(t *testing.T) {
	for _, test := range []struct {
		listen, own, host string
		domains           []string
		want              string
	}{
		{"0.0.0.0:443", "", "shop.example", nil, "https://shop.example/a?b"},
		{"0.0.0.0:8443", "", "shop.example:8080", nil, "https://shop.example:8443/a?b"},
		{"[::]:443", "", "[2001:db8::1]:80", nil, "https://[2001:db8::1]/a?b"},
		{"0.0.0.0:443", "https://www.shop.example", "shop.example", nil, "https://www.shop.example/a?b"},
		{"0.0.0.0:443", "", "evil.example", []string{"shop.example"}, "https://shop.example/a?b"},
		{"0.0.0.0:443", "", "WWW.shop.example:80", []string{"shop.example", "www.shop.example"}, "https://www.shop.example/a?b"},
	} {
		handler := (&tlsFlags{ACMEDomain: test.domains}).toTLS(test.own, testAddr(test.listen))
		r := httptest.NewRequest("GET", "/a?b", nil)
		r.Host = test.host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := w.Header().Get("Location"); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

// TestACMENames: a name is compared with what clients ask for, so it has one form.
func TestACMENames(t *testing.T) {
	f := tlsFlags{ACMEDomain: []string{"Shop.Example.", "a-1.xn--bcher-kva.example"}, ACMEDirectory: "https://authority.example/"}
	if err := f.check("https://shop.example"); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	get := loggingCertificates(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none yet") },
		f.ACMEDomain, slog.New(slog.NewTextHandler(&log, nil)))
	for _, name := range []string{"other.example", "shop.example", "SHOP.example"} {
		if _, err := get(&tls.ClientHelloInfo{ServerName: name}); err == nil {
			t.Errorf("%s: there is a certificate", name)
		}
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "name=shop.example") {
		t.Errorf("got the log %q, want one line on our name", got)
	}
}

// testAddr is an address of which nothing but the text is known.
type testAddr string

func (testAddr) Network() string  { return "tcp" }
func (a testAddr) String() string { return string(a) }
