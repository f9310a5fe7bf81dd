// Package forward asks an existing application over HTTP who a request is from: the
// request's cookies, and headers that are chosen, go to an address of the application,
// which answers
//
//	200  {"user":"ann","roles":["event_listener"],"expires":"2026-11-21T18:00:00Z"}
//	401  nobody is signed in
//	403  somebody is, who may not come in
//
// and anything else means that it can't be found out. It knows nothing of sockets, or of
// what somebody may do. Package foreign says how often the application is
// asked, and for how long its answer stands.
package forward

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"cartline/server/foreign"
	"cartline/shared"
)

// Config configures New. URL is required.
type Config struct {
	// URL is what is asked. It has to be the application's own address, not one that the
	// public reaches through us.
	URL string

	// Cookies are the names of those that are handed on. Default: all.
	//
	// Danger: by default the application also gets what isn't meant for it, such as
	// cookies of others under the same host.
	Cookies []string

	// Headers are those that are handed on besides, like Authorization. Default: none.
	//
	// Danger: they are what the visitor says. One that the application believes because
	// its proxy sets it, like X-Remote-User, would make anybody whoever they like.
	Headers []string

	// UserAgent says who asks, unless the visitor's User-Agent is handed on.
	UserAgent string
}

// maxAnswer is how many bytes of an answer, and of its header, are read.
const maxAnswer = 64 << 10

// Source asks one application. It implements foreign.Source.
type Source struct {
	config Config
	client *http.Client
}

var _ foreign.Source = (*Source)(nil)

// New makes a Source. The error is in words for whoever gave the address.
func New(config Config) (*Source, error) {
	address, err := url.Parse(config.URL)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return nil, errors.New("the address to ask is a whole one, like http://localhost:8000/whoami")
	}
	config.Headers = slices.Clone(config.Headers)
	for i, name := range config.Headers {
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch name {
		case "", "Cookie", "Host", "Connection", "Upgrade", "Content-Length", "Transfer-Encoding", "Te", "Trailer":
			return nil, fmt.Errorf("the header %q can't be handed on", name)
		}
		config.Headers[i] = name
	}
	return &Source{config: config, client: &http.Client{
		// No proxy: what the environment says of one is meant for the world outside.
		Transport: &http.Transport{
			MaxIdleConnsPerHost:    8,
			MaxResponseHeaderBytes: maxAnswer,
			DisableCompression:     true, // nothing small becomes large
			ForceAttemptHTTP2:      true,
		},
		// The cookies are for this one address, wherever it would like to send us.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close closes connections that wait for the next question.
func (s *Source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Proof implements foreign.Source: it is the header of the question.
func (s *Source) Proof(r *http.Request) string {
	header := http.Header{}
	names := s.config.Headers
	if len(s.config.Cookies) == 0 {
		names = append([]string{"Cookie"}, names...) // as they came
	}
	var chosen []string
	for _, cookie := range r.Cookies() {
		if slices.Contains(s.config.Cookies, cookie.Name) {
			chosen = append(chosen, cookie.Name+"="+asItCame(cookie))
		}
	}
	if len(chosen) > 0 {
		header.Set("Cookie", strings.Join(chosen, "; "))
	}
	for _, name := range names {
		if values := r.Header.Values(name); len(values) > 0 {
			header[name] = values
		}
	}
	if len(header) == 0 {
		return ""
	}
	proof, err := json.Marshal(header) // in the order of the names
	if err != nil {
		return "" // not reached: these are texts
	}
	return string(proof)
}

// asItCame is a cookie's value as the browser sent it. Cookie.String would put one with a
// comma in quotes, which to the application is another.
func asItCame(cookie *http.Cookie) string {
	if cookie.Quoted {
		return `"` + cookie.Value + `"`
	}
	return cookie.Value
}

// Ask implements foreign.Source.
func (s *Source) Ask(ctx context.Context, proof string) (foreign.Answer, error) {
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, s.config.URL, nil)
	if err != nil {
		return foreign.Answer{}, err
	}
	if proof != "" {
		if err := json.Unmarshal([]byte(proof), &question.Header); err != nil {
			return foreign.Answer{}, errors.New("this is no proof of ours")
		}
	}
	question.Header.Set("Accept", "application/json")
	if len(question.Header["User-Agent"]) == 0 {
		question.Header.Set("User-Agent", s.config.UserAgent)
	}
	response, err := s.client.Do(question)
	if err != nil {
		return foreign.Answer{}, err
	}
	// What is left unread ends the connection.
	defer response.Body.Close()
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		return read(response)
	case code == http.StatusUnauthorized:
		return foreign.Answer{}, refused(response, shared.CodeUnauthorized, "Sign in first.")
	case code == http.StatusForbidden:
		return foreign.Answer{}, refused(response, shared.CodeForbidden, "Your account may not come in here.")
	case code >= 300 && code < 400:
		return foreign.Answer{}, fmt.Errorf("the application sends us elsewhere (%s), where no cookies go: it has to answer 200, 401 or 403 itself", response.Status)
	}
	return foreign.Answer{}, fmt.Errorf("the application answers %s, which is none of 200, 401 and 403", response.Status)
}

// refused reads the little that comes with a refusal, so that the connection can be used
// again.
func refused(response *http.Response, code shared.Code, detail string) error {
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10) // the refusal stands, whatever comes
	return &shared.Problem{Code: code, Detail: detail}
}

// read reads an answer. Fields that are not ours are the application's business.
func read(response *http.Response) (foreign.Answer, error) {
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return foreign.Answer{}, errors.New("the application answers 200 with something that is not application/json")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return foreign.Answer{}, fmt.Errorf("the application's answer breaks off: %w", err)
	}
	if len(body) > maxAnswer {
		return foreign.Answer{}, fmt.Errorf("the application's answer has more than %d bytes", maxAnswer)
	}
	var answer struct {
		User    any `json:"user"`
		Roles   any `json:"roles"`
		Expires any `json:"expires"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return foreign.Answer{}, errors.New(`the application's answer is not JSON like {"user":"ann","roles":["event_listener"]}`)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return foreign.Answer{}, errors.New("there is something after the application's JSON")
	}
	return foreign.NewAnswer(answer.User, answer.Roles, answer.Expires)
}
