package identity

import (
	"errors"
	"math"
	"time"

	"cartline/server/throttle"
	"cartline/shared"
)

// Limits of failed sign-ins, within a quarter of an hour. The limit by name
// bounds guessing one person's password from many places; the limit by address
// bounds guessing many from one. A name is a username, or an e-mail address.
const (
	failuresByName    = 10
	failuresByAddress = 50
	failureWindow     = 15 * time.Minute
)

// attempts bounds how often a password may be tried.
type attempts struct {
	byName    *throttle.Throttle
	byAddress *throttle.Throttle
}

func newAttempts() *attempts {
	return &attempts{
		byName:    throttle.New(failuresByName, failureWindow),
		byAddress: throttle.New(failuresByAddress, failureWindow),
	}
}

// try tries a password with verify, unless there were too many failures. Only an
// error of verify that is a *shared.Problem counts as a failure, and one that asks for
// the second factor is neither a failure nor a success.
func (a *attempts) try(name, address string, verify func() error) error {
	address = throttle.Network(address)
	wait := a.byAddress.Begin(address)
	if wait == 0 {
		if wait = a.byName.Begin(name); wait > 0 {
			a.byAddress.Return(address) // it was not tried
		}
	}
	if wait > 0 {
		return tooMany(wait)
	}
	err := verify()
	var problem *shared.Problem
	switch {
	case err == nil:
		a.byName.Forgive(name)
		a.byAddress.Return(address)
	case !errors.As(err, &problem), problem.Code == shared.CodeSecondFactor: // not wrong, but not whole either
		a.byName.Return(name)
		a.byAddress.Return(address)
	}
	return err
}

func tooMany(wait time.Duration) error {
	return &shared.Problem{
		Code:       shared.CodeTooMany,
		Detail:     "Too many attempts.",
		RetryAfter: int(math.Ceil(wait.Seconds())),
	}
}
