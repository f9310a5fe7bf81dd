package identity

import "cartline/server/throttle"

// ShareAttempts has failed sign-ins counted together with those at other processes. It is
// called before anything else; see [throttle.Throttle.Share].
func (s *Staff) ShareAttempts(with throttle.Shared, failed func(error)) {
	s.attempts.share("staff", with, failed)
	s.codes.Share("staff's codes", with, failed)
}

// ShareAttempts does the same for customers, and for their sign-ups.
func (c *Customers) ShareAttempts(with throttle.Shared, failed func(error)) {
	c.attempts.share("customer", with, failed)
	c.signUps.Share("sign-up", with, failed)
}

func (a *attempts) share(whose string, with throttle.Shared, failed func(error)) {
	a.byName.Share(whose+" by name", with, failed)
	a.byAddress.Share(whose+" by address", with, failed)
}
