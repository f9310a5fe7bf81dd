package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"cartline/shared"
)

const (
	sessionPath = "/api/staff/session"
	// httpPatience bounds a request; signOutPatience the last one, which somebody may
	// wait for who has pressed Ctrl-C.
	httpPatience    = 20 * time.Second
	signOutPatience = 5 * time.Second
	// maxAnswer is how much of an answer is read: more than any Problem has.
	maxAnswer = 64 << 10
)

// Visit is a session of a member of the staff.
type Visit struct {
	server *url.URL // where HTTP is answered
	client *http.Client
}

// SignIn signs a member of the staff in at the server of a WebSocket. SignOut ends that.
func SignIn(ctx context.Context, address *url.URL, in shared.SignIn) (*Visit, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &Visit{server: overHTTP(address, sessionPath), client: &http.Client{
		Jar: jar,
		// A connection that is kept would be a goroutine left over.
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		// A password is for nobody but whom it was meant for.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, httpPatience)
	defer cancel()
	if err := v.ask(ctx, http.MethodPost, body, http.StatusOK); err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", in.Username, err)
	}
	if len(jar.Cookies(v.server)) == 0 {
		return nil, fmt.Errorf("sign in as %s: the server has set no cookie for %s; is this the address that browsers use?", in.Username, v.server.Host)
	}
	return v, nil
}

// AddTo adds to the header of a handshake what a browser would send with it: the cookies
// and, unless the header names another, the origin of the server's own pages.
func (v *Visit) AddTo(header http.Header) {
	var cookies []string
	for _, c := range v.client.Jar.Cookies(v.server) {
		cookies = append(cookies, c.String())
	}
	cookies = append(cookies, header.Values("Cookie")...)
	header.Set("Cookie", strings.Join(cookies, "; "))
	if header.Get("Origin") == "" {
		header.Set("Origin", v.server.Scheme+"://"+v.server.Host)
	}
}

// SignOut ends the session, also when the context has ended.
func (v *Visit) SignOut(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutPatience)
	defer cancel()
	if err := v.ask(ctx, http.MethodDelete, nil, http.StatusNoContent); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// ask sends a request about the session, and makes an error of any answer but one.
func (v *Visit) ask(ctx context.Context, method string, body []byte, want int) error {
	request, err := http.NewRequestWithContext(ctx, method, v.server.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(request)
	if err != nil {
		var wrong *url.Error
		if errors.As(err, &wrong) {
			return wrong.Err
		}
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if closing := response.Body.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		return err
	case response.StatusCode == want:
		return nil
	}
	var problem shared.Problem
	if json.Unmarshal(answer, &problem) == nil && problem.Detail != "" {
		return errors.New(visible(problem.Detail, " "))
	}
	return fmt.Errorf("the server answered %d %s, as none of ours does", response.StatusCode, http.StatusText(response.StatusCode))
}
