package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// tlsFlags have the server speak TLS itself, with no proxy before it.
type tlsFlags struct {
	TLSCert       string   `env:"CARTLINE_TLS_CERT" placeholder:"FILE" help:"Certificate to serve TLS with, and those of its issuers, as PEM; read anew when it changes. (${env})"`
	TLSKey        string   `env:"CARTLINE_TLS_KEY" placeholder:"FILE" help:"Key of --tls-cert, as PEM. Whoever reads it can pose as this server. (${env})"`
	ACMEDomain    []string `env:"CARTLINE_ACME_DOMAIN" placeholder:"NAME" help:"Name to get a certificate for by ACME, as Let's Encrypt offers it, whose terms are agreed to by this; repeatable. The authority connects to port 443 of that name, or to port 80 if --http-redirect listens there. (${env}, separated by commas)"`
	ACMEDirectory string   `env:"CARTLINE_ACME_DIRECTORY" default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL" help:"Where the authority is. (${default}, ${env})"`
	ACMECache     string   `env:"CARTLINE_ACME_CACHE" default:"data/acme" placeholder:"FOLDER" help:"Where keys and certificates are kept that came by ACME. If it is lost at each start, the authority soon refuses more. (${default}, ${env})"`
	ACMEEmail     string   `env:"CARTLINE_ACME_EMAIL" placeholder:"ADDRESS" help:"Address at which the authority can reach you. (${env})"`
	HTTPRedirect  string   `env:"CARTLINE_HTTP_REDIRECT" placeholder:"HOST:PORT" help:"Address for a second listener, without TLS, that sends browsers to the first. (${env})"`
}

// on tells whether the server speaks TLS.
func (f *tlsFlags) on() bool { return f.TLSCert != "" || len(f.ACMEDomain) > 0 }

// namePattern is what a certificate can be got for, in lower case. Of other alphabets,
// names are written as xn--….
var namePattern = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$`)

// check finds what is wrong with the flags, of which it puts names into their one form.
// PublicURL is where browsers reach the server, or "".
func (f *tlsFlags) check(publicURL string) error {
	switch {
	case f.on() && strings.HasPrefix(strings.ToLower(publicURL), "http:"):
		// What comes without TLS would be sent to where it came from.
		return usagef("--public-url begins with http://, but --tls-cert and --acme-domain are for https://")
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return usagef("--tls-cert and --tls-key go together")
	case f.TLSCert != "" && len(f.ACMEDomain) > 0:
		return usagef("the certificate is either from --tls-cert or by --acme-domain, not both")
	case f.HTTPRedirect != "" && !f.on():
		return usagef("--http-redirect sends to TLS, which takes --tls-cert or --acme-domain")
	case f.HTTPRedirect != "" && !isAddress(f.HTTPRedirect):
		return usagef("--http-redirect is HOST:PORT, like :80, not %q", f.HTTPRedirect)
	}
	for i, name := range f.ACMEDomain {
		f.ACMEDomain[i] = strings.TrimSuffix(strings.ToLower(name), ".")
		if !namePattern.MatchString(f.ACMEDomain[i]) {
			return usagef("--acme-domain is a name like shop.example, without a port or a star, not %q", name)
		}
	}
	if u, err := url.Parse(f.ACMEDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
		return usagef("--acme-directory is an address that begins with https://, not %q", f.ACMEDirectory)
	}
	return nil
}

// tlsFront is what makes a server one for TLS. It is nil if that isn't wanted; then its
// methods do what is done without.
type tlsFront struct {
	config   *tls.Config
	redirect net.Listener // nil if there is none
	handler  http.Handler // for it
	logger   *slog.Logger
}

// newTLSFront reads the certificate, or gets ready to have one made, and takes the address
// from which to redirect. Own is the server's origin if it is known, and listener where it
// serves TLS.
func newTLSFront(f *tlsFlags, own string, listener net.Listener, logger *slog.Logger) (*tlsFront, error) {
	if !f.on() {
		return nil, nil
	}
	t := &tlsFront{config: &tls.Config{MinVersion: tls.VersionTLS12}, handler: f.toTLS(own, listener.Addr()), logger: logger}
	if f.TLSCert != "" {
		files, err := newCertificateFiles(f.TLSCert, f.TLSKey, logger)
		if err != nil {
			return nil, err
		}
		t.config.GetCertificate = files.get
	} else {
		manager := f.manager()
		t.config = manager.TLSConfig()
		t.config.MinVersion = tls.VersionTLS12
		t.config.GetCertificate = loggingCertificates(manager.GetCertificate, f.ACMEDomain, logger)
		if f.HTTPRedirect != "" { // else the authority would be offered a way that isn't there
			t.handler = withoutPort(manager.HTTPHandler(t.handler))
		}
	}
	if f.HTTPRedirect != "" {
		var err error
		if t.redirect, err = net.Listen("tcp", f.HTTPRedirect); err != nil {
			return nil, fmt.Errorf("can't listen on %s for --http-redirect: %w", f.HTTPRedirect, errors.Unwrap(err))
		}
	}
	return t, nil
}

// manager gets certificates by ACME.
func (f *tlsFlags) manager() *autocert.Manager {
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(f.ACMECache),
		HostPolicy: autocert.HostWhitelist(f.ACMEDomain...),
		Client:     &acme.Client{DirectoryURL: f.ACMEDirectory, UserAgent: "cartline/" + version},
		Email:      f.ACMEEmail,
	}
}

// loggingCertificates logs why there is no certificate for one of our names, which
// net/http would tell as a failure of the client's. It is tried once a minute, which is as
// often as is worth a line. What asks for other names is not.
func loggingCertificates(get certificateFunc, names []string, logger *slog.Logger) certificateFunc {
	var mu sync.Mutex
	logged := make(map[string]time.Time)
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		certificate, err := get(hello)
		name := strings.TrimSuffix(strings.ToLower(hello.ServerName), ".")
		if err == nil || !slices.Contains(names, name) {
			return certificate, err
		}
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(logged[name]) >= time.Minute {
			logged[name] = now
			logger.Error("there is no certificate for this name", "name", name, "error", err)
		}
		return certificate, err
	}
}

type certificateFunc = func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// toTLS sends who comes without TLS to where it is spoken.
func (f *tlsFlags) toTLS(own string, address net.Addr) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			// Whatever it holds has gone over the network in clear already; who wrote the
			// program that sends it should learn of that.
			http.Error(w, "This address is for browsers that are to be sent to https. Send this there.", http.StatusBadRequest)
			return
		}
		target := cmp.Or(own, "https://"+f.hostOf(r, address)) + r.URL.RequestURI()
		http.Redirect(w, r, target, http.StatusPermanentRedirect)
	})
}

// withoutPort takes the port off the host that was asked for. Autocert compares it with
// names, and authorities for tests may ask at another port than 80.
func withoutPort(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := *r
		named.Host = (&url.URL{Host: r.Host}).Hostname()
		next.ServeHTTP(w, &named)
	})
}

// hostOf returns at which host, with its port, a client that asked for one without TLS
// finds it.
func (f *tlsFlags) hostOf(r *http.Request, address net.Addr) string {
	host := strings.ToLower((&url.URL{Host: r.Host}).Hostname())
	if len(f.ACMEDomain) > 0 && !slices.Contains(f.ACMEDomain, host) {
		host = f.ACMEDomain[0]
	}
	_, port, err := net.SplitHostPort(address.String())
	if err != nil || port == "443" {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, port)
}

// serve serves, over TLS or not.
func (t *tlsFront) serve(web *http.Server, listener net.Listener) error {
	if t == nil {
		return web.Serve(listener)
	}
	return web.ServeTLS(listener, "", "")
}

// prepare is to be called before serve.
func (t *tlsFront) prepare(web *http.Server) {
	if t != nil {
		web.TLSConfig = t.config
	}
}

// toOurselves is for a client in this program that talks to it. The certificate is for the
// name by which others know us, and there is nobody in between.
func (t *tlsFront) toOurselves() *tls.Config {
	if t == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
}

// Close gives the address back, if it never ran.
func (t *tlsFront) Close() error {
	if t == nil || t.redirect == nil {
		return nil
	}
	return t.redirect.Close()
}

// Run redirects until the context ends.
func (t *tlsFront) Run(ctx context.Context) {
	if t == nil || t.redirect == nil {
		return
	}
	web := newWeb(t.handler, t.logger)
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(t.redirect) }()
	select {
	case err := <-failed:
		t.logger.Error("the listener without TLS has failed; the rest goes on", "error", err)
		return
	case <-ctx.Done():
	}
	// What it answers is short, and may be asked again.
	if err := web.Close(); err != nil {
		t.logger.Warn("did not stop in order", "part", "http-redirect", "error", err)
	}
	<-failed
}
