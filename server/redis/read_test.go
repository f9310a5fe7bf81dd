package redis

import (
	"errors"
	"testing"

	"cartline/shared"
)

// Whatever a session is, and wherever in it the user is looked for: it is somebody's,
// nobody's, or can't be read.
func FuzzRead(f *testing.F) {
	f.Add(`{"user":{"name":"ann","roles":["a"]},"until":1795262400}`, "user.name", "user.roles", "until")
	f.Add(`[{"name":17}]`, "0.name", "", "0")
	f.Add(`{"":{"":"ann"}}`, ".", "..", "0.0")
	f.Add(`user|s:3:"ann";`, "user", "-1", "99999999999999999999")
	f.Fuzz(func(t *testing.T, text, user, roles, expires string) {
		v := &Visitors{config: VisitorsConfig{User: user, Roles: roles, Expires: expires}}
		got, err := v.read(text)
		var problem *shared.Problem
		if (err == nil) != (got.User != "") || errors.As(err, &problem) && problem.Code != shared.CodeUnauthorized {
			t.Errorf("%s at %q: got %+v, %v", text, user, got, err)
		}
	})
}
