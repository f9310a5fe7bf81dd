package cart

import "time"

// SetClock makes a service tell the time otherwise.
func (s *Service) SetClock(now func() time.Time) { s.now = now }
