package identity

import (
	"time"

	"github.com/alexedwards/argon2id"
)

// The limits, for the tests from outside.
const (
	FailuresByName    = failuresByName
	FailuresByAddress = failuresByAddress
	FailureWindow     = failureWindow
	WrongCodes        = wrongCodes
	CodeWindow        = codeWindow
	MaxToken          = maxToken
)

// shippedParams are the parameters as they are shipped.
var shippedParams = *passwordParams

// The tests hash with little work, or they would do hardly anything else.
func init() {
	passwordParams.Memory = 64
	passwordParams.Iterations = 1
}

// SetClock makes another clock the one of everything in a Staff.
func (s *Staff) SetClock(now func() time.Time) {
	s.now = now
	s.attempts.setClock(now)
	s.codes.SetClock(now)
}

// SetClock makes another clock the one of everything in a Customers.
func (c *Customers) SetClock(now func() time.Time) {
	c.now = now
	c.signUps.SetClock(now)
	c.attempts.setClock(now)
}

func (a *attempts) setClock(now func() time.Time) {
	a.byName.SetClock(now)
	a.byAddress.SetClock(now)
}

// SetClock makes another clock that of a Shoppers.
func (s *Shoppers) SetClock(now func() time.Time) { s.now = now }

// Occupy takes the places of all hashing until release is called.
func (h *Hasher) Occupy() (release func()) {
	for range concurrentHashes {
		h.slots <- struct{}{}
	}
	return func() {
		for range concurrentHashes {
			h.release()
		}
	}
}

// OtherHash hashes a password with other parameters than today's.
func OtherHash(password string) (string, error) {
	params := *passwordParams
	params.Iterations++
	return argon2id.CreateHash(password, &params)
}

// IsOutdated tells whether a hash was made with other parameters than today's.
func IsOutdated(hash string) bool {
	params, _, _, err := argon2id.DecodeHash(hash)
	return err != nil || *params != *passwordParams
}
