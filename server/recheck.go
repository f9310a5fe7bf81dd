package main

import (
	"context"
	"errors"
	"time"
)

// The times of rechecking.
const (
	recheckInterval = time.Second // how long a lost right can stay unnoticed
	revisionTimeout = time.Second
	recheckTimeout  = 30 * time.Second // for all sessions
	// endedMemory is how long a store is sure to know which shoppers' sessions ended.
	// Whoever didn't ask for longer must look up each.
	endedMemory = 12 * time.Hour
	endedPage   = 1000
)

// askRecheck has the sessions of open sockets looked up again, soon.
func (s *server) askRecheck() {
	select {
	case s.recheck <- struct{}{}:
	default:
	}
}

// runRecheck ends the sockets of those who lost the right to them, in whatever process
// they lost it. It looks when it is told to and, in case nobody does, each second.
func (s *server) runRecheck(ctx context.Context) {
	ticker := time.NewTicker(recheckInterval)
	defer ticker.Stop()
	rights := rights{server: s, ended: s.ended, asked: time.Now()}
	failing := false // so that a long failure is logged once
	for {
		select {
		case <-s.recheck:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		s.events.EndExpired(time.Now())
		err := errors.Join(rights.recheckStaff(ctx), rights.endShoppers(ctx))
		switch {
		case ctx.Err() != nil: // we stop
		case err != nil && !failing:
			s.logger.Error("can't check the sessions of open sockets; trying again", "error", err)
		case err == nil && failing:
			s.logger.Info("the sessions of open sockets can be checked again")
		}
		failing = err != nil
	}
}

// rights is how far this process knows of rights that were lost.
type rights struct {
	*server
	revision int64     // the staff's, at which every session of theirs was looked up
	ended    int64     // the number of the last of the shoppers' sessions that ended
	asked    time.Time // when that was asked for
}

// recheckStaff looks up the staff's sessions of open sockets if their revision has
// changed.
func (r *rights) recheckStaff(ctx context.Context) error {
	quick, cancel := context.WithTimeout(ctx, revisionTimeout)
	defer cancel()
	revision, err := r.database.Revision(quick)
	if err != nil || revision == r.revision {
		return err
	}
	if err := bounded(ctx, r.events.RecheckStaff); err != nil {
		return err
	}
	r.revision = revision
	return nil
}

func bounded(ctx context.Context, recheck func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, recheckTimeout)
	defer cancel()
	return recheck(ctx)
}

// endShoppers ends the sockets that hang on sessions of shoppers which have ended since
// the last time.
func (r *rights) endShoppers(ctx context.Context) error {
	for {
		quick, cancel := context.WithTimeout(ctx, revisionTimeout)
		hashes, last, err := r.database.EndedShoppers(quick, r.ended, endedPage)
		cancel()
		if err != nil {
			return err
		}
		// After a time without the database, or in one that was put back to an older
		// state or has forgotten some, it can't tell all that is new to us.
		if time.Since(r.asked) > endedMemory || last < r.ended || last-r.ended > int64(len(hashes)) {
			if err := bounded(ctx, r.events.Recheck); err != nil {
				return err
			}
		}
		if len(hashes) > 0 {
			r.events.EndShoppers(hashes)
		}
		r.ended, r.asked = last, time.Now()
		if len(hashes) < endedPage {
			return nil
		}
	}
}
