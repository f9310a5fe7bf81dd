package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"cartline/shared"
)

// UserAgent marks the requests of simulated shoppers in logs.
const UserAgent = "cartline-demo-shopper"

// requestTimeout bounds one request, maxAnswer its answer in bytes.
const (
	requestTimeout = 15 * time.Second
	maxAnswer      = 4 << 20
)

// browser keeps cookies and calls the API. It is for one goroutine.
//
// It sends every cookie back that it was given, also Secure ones, which a cookie jar
// would keep from a plain http:// address: the address is the server's own, on this
// machine, while the pages may be public under https://.
type browser struct {
	base    string
	client  *http.Client
	cookies map[string]string
}

func newBrowser(base string, config *tls.Config) *browser {
	return &browser{
		base: base,
		// A transport of its own goes by no proxy from the environment, and
		// its connections can be closed with it.
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, TLSClientConfig: config}, Timeout: requestTimeout},
		cookies: map[string]string{},
	}
}

func (b *browser) close() { b.client.CloseIdleConnections() }

// forget makes whoever uses the browser next a stranger.
func (b *browser) forget() { clear(b.cookies) }

// ask sends a request with a value as its JSON body, unless that is nil, and decodes
// the answer into another, unless that is nil. If the server refuses, the error is
// its *shared.Problem.
func (b *browser) ask(ctx context.Context, method, path string, body, answer any) error {
	request, err := b.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	response, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	b.keep(response.Cookies())
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, request.URL.Path, err)
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %w", method, request.URL.Path, response.Status, problemIn(text))
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: the answer can't be read: %w", method, request.URL.Path, err)
	}
	return nil
}

func (b *browser) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, b.base+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("User-Agent", UserAgent)
	pairs := make([]string, 0, len(b.cookies))
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	if len(pairs) > 0 {
		slices.Sort(pairs)
		request.Header.Set("Cookie", strings.Join(pairs, "; "))
	}
	return request, nil
}

func (b *browser) keep(cookies []*http.Cookie) {
	for _, c := range cookies {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
}

// problemIn returns the problem that an answer holds. Others than our server, a
// proxy for example, answer with something else, which is a problem of theirs.
func problemIn(text []byte) *shared.Problem {
	var p shared.Problem
	if err := json.Unmarshal(text, &p); err != nil || p.Code == "" {
		return &shared.Problem{Code: shared.CodeUnavailable, Detail: "there is no problem document"}
	}
	return &p
}
