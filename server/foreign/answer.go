package foreign

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartline/shared"
)

// Answer is what an application says of one of its users.
type Answer struct {
	User    string
	Roles   []string
	Expires time.Time // zero: it doesn't say
}

// Limits of what is taken from an application.
const (
	maxRoles = 100
	maxRole  = 100
)

// NewAnswer makes an Answer of values as databases and JSON have them. The user is a text
// or a whole number; roles are texts, or one text in which commas separate them; and
// when the session expires is a time, a text as of RFC 3339, or a number of seconds since
// 1970. Its errors don't repeat what was said, which may be somebody else's secret.
func NewAnswer(user, roles, expires any) (a Answer, err error) {
	if a.User, err = userOf(user); err != nil {
		return Answer{}, err
	}
	if a.Roles, err = rolesOf(roles); err != nil {
		return Answer{}, err
	}
	if a.Expires, err = expiryOf(expires); err != nil {
		return Answer{}, err
	}
	return a, nil
}

func userOf(value any) (string, error) {
	var user string
	switch v := value.(type) {
	case string:
		user = v
	case json.Number:
		user = v.String()
	case int16, int32, int64:
		user = fmt.Sprint(v)
	case nil:
		return "", fmt.Errorf("the answer names no user")
	default:
		return "", fmt.Errorf("the user is a text or a number, not %s", kindOf(value))
	}
	switch {
	case user == "":
		return "", fmt.Errorf("the answer names no user")
	case len(user) > shared.MaxEmail || !isPlain(user):
		return "", fmt.Errorf("the user is not a text of up to %d bytes in one line", shared.MaxEmail)
	}
	return user, nil
}

func isPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func rolesOf(value any) (roles []string, err error) {
	switch v := value.(type) {
	case nil:
	case string:
		for role := range strings.SplitSeq(v, ",") {
			if role = strings.TrimSpace(role); role != "" {
				roles = append(roles, role)
			}
		}
	case []string:
		roles = v
	case []any:
		for _, one := range v {
			role, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("a role is a text, not %s", kindOf(one))
			}
			roles = append(roles, role)
		}
	default:
		return nil, fmt.Errorf("roles are a list of texts, or one text with commas, not %s", kindOf(value))
	}
	if len(roles) > maxRoles {
		return nil, fmt.Errorf("the user has more than %d roles", maxRoles)
	}
	for _, role := range roles {
		if len(role) > maxRole || !isPlain(role) {
			return nil, fmt.Errorf("a role is not a text of up to %d bytes in one line", maxRole)
		}
	}
	return roles, nil
}

// lastSecond is the end of the year 9999; milliseconds since 1970 are beyond it.
const lastSecond = 253402300799

func expiryOf(value any) (time.Time, error) {
	var seconds float64
	switch v := value.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return bounded(v), nil
	case string:
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return time.Time{}, fmt.Errorf("the time at which the session expires is not as of RFC 3339, like 2026-11-21T12:00:00Z")
		}
		return bounded(at), nil
	case json.Number:
		var err error
		if seconds, err = v.Float64(); err != nil {
			return time.Time{}, fmt.Errorf("the time at which the session expires is no number of seconds since 1970")
		}
	case int32:
		seconds = float64(v)
	case int64:
		seconds = float64(v)
	case float64:
		seconds = v
	default:
		return time.Time{}, fmt.Errorf("the time at which the session expires is a text, or a number of seconds since 1970, not %s", kindOf(value))
	}
	if !(seconds >= 0 && seconds <= lastSecond) {
		return time.Time{}, fmt.Errorf("the time at which the session expires is no number of seconds since 1970")
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC(), nil
}

// bounded is a time as JSON can tell it: the end of the year 9999, as many write that
// something doesn't end, is later than that west of Greenwich.
func bounded(at time.Time) time.Time {
	if last := time.Unix(lastSecond, 0); at.After(last) {
		at = last
	}
	return at.UTC()
}

// kindOf names a kind of value, as errors do without telling the value.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case json.Number, int16, int32, int64, float64:
		return "a number"
	case []any, []string:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("a %T", value)
}
