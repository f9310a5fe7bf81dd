package redis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cartline/server/foreign"
	"cartline/shared"
)

// cookiePlace is where a cookie's value goes in the pattern of a key.
const cookiePlace = "{cookie}"

// noKey is the time that is left of a key that isn't there, as the library has it.
const noKey = -2

// maxValue is how many bytes of a session are read.
const maxValue = 64 << 10

// VisitorsConfig configures NewVisitors. URL, Cookie, Key and User are required.
type VisitorsConfig struct {
	URL string
	// Cookie is the name of the cookie.
	Cookie string
	// Key is the key of a session, with {cookie} in it, like sess:{cookie}.
	Key string
	// User, Roles and Expires say where in the session's JSON each is: names of members,
	// or numbers of a list's elements, with points between them, like user.name. Without
	// Roles nobody has one; and a session expires with its key, too.
	User, Roles, Expires string
}

// Visitors looks up who the users of an existing application are in the sessions that it
// keeps in Redis, as JSON. It implements foreign.Source. It writes nothing.
type Visitors struct {
	client *redis.Client
	config VisitorsConfig
}

var _ foreign.Source = (*Visitors)(nil)

// NewVisitors makes a Visitors, which connects when it is first asked. The error is in
// words for whoever gave the configuration.
func NewVisitors(config VisitorsConfig) (*Visitors, error) {
	before, _, found := strings.Cut(config.Key, cookiePlace)
	if !found || before == "" {
		// Otherwise a visitor could have any key of the database taken for a session.
		return nil, errors.New("the key has " + cookiePlace + " in it, and something before that, like sess:" + cookiePlace)
	}
	if config.User == "" {
		return nil, errors.New("it has to be said where in a session the user is, like user.name")
	}
	client, err := dial(config.URL)
	if err != nil {
		return nil, err
	}
	return &Visitors{client: client, config: config}, nil
}

// Close closes the connections.
func (v *Visitors) Close() error { return v.client.Close() }

// Proof implements foreign.Source.
func (v *Visitors) Proof(r *http.Request) string { return foreign.CookieValue(r, v.config.Cookie) }

// Ask implements foreign.Source.
func (v *Visitors) Ask(ctx context.Context, proof string) (foreign.Answer, error) {
	key := strings.ReplaceAll(v.config.Key, cookiePlace, proof)
	var value *redis.StringCmd
	var left *redis.DurationCmd
	asked := time.Now()
	_, err := v.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		value = p.GetRange(ctx, key, 0, maxValue)
		left = p.PTTL(ctx, key)
		return nil
	})
	if err := failed(err); err != nil {
		return foreign.Answer{}, err
	}
	text := value.Val()
	switch {
	case text == "", left.Val() == noKey: // which may have gone in between
		return foreign.Answer{}, &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	case len(text) > maxValue:
		return foreign.Answer{}, fmt.Errorf("a session has more than %d bytes", maxValue)
	}
	answer, err := v.read(text)
	if err != nil {
		return foreign.Answer{}, err
	}
	if expires := asked.Add(left.Val()); left.Val() > 0 && (answer.Expires.IsZero() || expires.Before(answer.Expires)) {
		answer.Expires = expires
	}
	return answer, nil
}

// read reads a session. One without a user is that of somebody who hasn't signed in.
func (v *Visitors) read(text string) (foreign.Answer, error) {
	var session any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&session); err != nil {
		return foreign.Answer{}, errors.New("a session is not JSON")
	}
	user := at(session, v.config.User)
	if user == nil || user == "" {
		return foreign.Answer{}, &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
	}
	return foreign.NewAnswer(user, at(session, v.config.Roles), at(session, v.config.Expires))
}

// at returns what is in a JSON value at a path, or nil.
func at(value any, path string) any {
	if path == "" {
		return nil
	}
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
