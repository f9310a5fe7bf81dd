package socket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"cartline/server/socket/wire"
	"cartline/shared"
)

// rechecksAtOnce is how many sessions are looked up at a time: one that takes long doesn't
// hold up all others, and what is asked isn't overwhelmed.
const rechecksAtOnce = 8

// Recheck looks up every session again and ends those whose user is signed out,
// removed, or may not listen any more. Where that can't be found out, the session
// stays until the next time, and an error is returned.
func (e *Events) Recheck(ctx context.Context) error {
	return recheckEach(e.allForRecheck(), func(s *session) error { return s.recheck(ctx) })
}

// RecheckStaff is Recheck for the staff alone. They are few, and don't have to wait until
// every shopper was looked up.
func (e *Events) RecheckStaff(ctx context.Context) error {
	return recheckEach(e.allForRecheck(), func(s *session) error { return s.recheckStaff(ctx) })
}

// RecheckUser is Recheck for one of the staff.
func (e *Events) RecheckUser(ctx context.Context, username string) error {
	return recheckEach(e.allForRecheck(), func(s *session) error {
		if s.who.Staff.Username != username {
			return nil
		}
		return s.recheckStaff(ctx)
	})
}

// recheckEach returns one of the errors.
func recheckEach(sessions []*session, recheck func(*session) error) error {
	var group errgroup.Group
	group.SetLimit(rechecksAtOnce)
	for _, s := range sessions {
		group.Go(func() error { return recheck(s) })
	}
	return group.Wait()
}

// allForRecheck lists every session, and has those look for themselves that are about
// to open.
func (e *Events) allForRecheck() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rechecks++
	return e.allLocked()
}

// EndUnconfirmed ends the sessions of staff that nobody could confirm for as long as
// EventsConfig.Grace.
func (e *Events) EndUnconfirmed(now time.Time) {
	grace := e.config.Grace
	if grace == 0 {
		return
	}
	for _, s := range e.all() {
		if s.who.isStaff() && now.Sub(time.Unix(0, s.confirmed.Load())) >= grace {
			s.log().Warn("events session could not be confirmed in time", "grace", grace)
			s.end(wire.TryAgainLater, fmt.Sprintf("whether you are still signed in could not be found out for %v; come back", grace))
		}
	}
}

// EndShopper ends the sessions that hang on a shopper's session, by its hash, as that
// has ended.
func (e *Events) EndShopper(hash []byte) { e.EndShoppers([][]byte{hash}) }

// EndShoppers is EndShopper for several, which may be many.
func (e *Events) EndShoppers(hashes [][]byte) {
	ended := make(map[string]bool, len(hashes))
	for _, hash := range hashes {
		ended[string(hash)] = true
	}
	for _, s := range e.allForRecheck() {
		if s.who.isShopper() && ended[string(s.who.Shopper.Hash)] {
			s.end(shared.CloseSessionEnded, "signed in or out")
		}
	}
}

// EndExpired ends the sessions whose time is up. It looks at each only when the time of
// one of them may be, as it is asked often.
func (e *Events) EndExpired(now time.Time) {
	for _, s := range e.expired(now) {
		s.end(shared.CloseSessionEnded, "the session has expired")
	}
}

// expired lists the sessions whose time is up.
func (e *Events) expired(now time.Time) (expired []*session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.expires.IsZero() || now.Before(e.expires) {
		return nil
	}
	e.expires = time.Time{}
	for s := range e.sessions {
		if s.expired(now) {
			expired = append(expired, s)
			continue
		}
		e.expireBy(s.expires())
	}
	return expired
}

// expireBy has the sessions looked at when a time has come. The caller holds the lock.
func (e *Events) expireBy(at time.Time) {
	if e.expires.IsZero() || at.Before(e.expires) {
		e.expires = at
	}
}

// expires tells when the time of the first of the sessions is up that it hangs on.
func (s *session) expires() time.Time { return time.Unix(0, s.until.Load()) }

// expired says whether that time is up.
func (s *session) expired(now time.Time) bool { return now.UnixNano() >= s.until.Load() }

// makeUpRecheck looks the session up again. As no other Recheck may come for long,
// the client has to come back where that can't be done.
func (s *session) makeUpRecheck() {
	ctx, cancel := context.WithTimeout(s.events.running, lookupTimeout)
	defer cancel()
	if err := s.recheck(ctx); err != nil {
		s.log().Error("events session can't be checked", "error", err)
		s.end(wire.TryAgainLater, "come back")
	}
}

// recheck ends the session if its user is signed out, removed, or may not listen
// any more. The error says that this can't be found out.
func (s *session) recheck(ctx context.Context) error {
	if err := s.recheckStaff(ctx); err != nil {
		return err
	}
	if !s.who.isShopper() {
		return nil
	}
	_, stands, err := s.events.config.RevalidateShopper(ctx, s.who.Shopper.Hash)
	if err == nil && !stands {
		s.end(shared.CloseSessionEnded, "signed out")
	}
	return err
}

// recheckStaff is recheck for the session of one of the staff, if there is one.
func (s *session) recheckStaff(ctx context.Context) error {
	if !s.who.isStaff() {
		return nil
	}
	asked := time.Now()
	who, err := s.events.config.Revalidate(ctx, s.who.Staff)
	var problem *shared.Problem
	switch {
	case errors.As(err, &problem) && problem.Code == shared.CodeForbidden:
		s.end(shared.CloseForbidden, "not allowed any more")
	case errors.As(err, &problem):
		s.end(shared.CloseSessionEnded, "signed out")
	case err != nil:
		return err
	case mayListen(who) != nil:
		s.end(shared.CloseForbidden, "not allowed any more")
	default:
		s.confirm(asked, who.ExpiresAt)
	}
	return nil
}

// confirm notes that the staff's session stood at a time, and when it expires, which an
// application may put off, or bring forward, while a socket is open.
func (s *session) confirm(at, expires time.Time) {
	s.confirmed.Store(at.UnixNano())
	who := s.who
	who.Staff.ExpiresAt = expires
	until := who.expires()
	if s.until.Swap(until.UnixNano()) == until.UnixNano() {
		return
	}
	s.events.mu.Lock()
	s.events.expireBy(until)
	s.events.mu.Unlock()
}
