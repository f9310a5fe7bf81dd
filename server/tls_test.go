package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
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

// testAddr is an address of which nothing but the text is known.
type testAddr string

func (testAddr) Network() string  { return "tcp" }
func (a testAddr) String() string { return string(a) }
