package throttle

import (
	"context"
	"crypto/sha256"
	"time"
)

// Shared keeps tries where several processes see them. A key is a hash. Its methods are
// safe for concurrent use.
type Shared interface {
	// BeginTry takes one try, unless `most` were made within the window, and returns 0;
	// or returns how long to wait.
	BeginTry(ctx context.Context, key []byte, most int, window time.Duration) (wait time.Duration, err error)
	// ReturnTry gives the latest try back.
	ReturnTry(ctx context.Context, key []byte) error
	// ForgiveTries gives all of them back.
	ForgiveTries(ctx context.Context, key []byte) error
}

// sharedTimeout bounds how long a try waits for what is shared.
const sharedTimeout = 2 * time.Second

// Share has tries counted together with those that other processes make, under a name
// that is this throttle's in all of them. It is called before anything else.
//
// What is shared may be away. Then failed is told why, and this process goes by what it
// has seen itself: so of several processes each allows as many tries as there may be in
// all, but not more.
func (t *Throttle) Share(name string, with Shared, failed func(error)) {
	t.shared = &share{name: name, with: with, failed: failed}
}

// share is what a throttle has in common with others. All methods may be called on nil,
// and then do nothing.
type share struct {
	name   string
	with   Shared
	failed func(error)
}

// key names a key among those of all throttles. It is hashed as it may be an address of
// somebody, or whatever else was typed.
func (s *share) key(key string) []byte {
	sum := sha256.Sum256([]byte(s.name + "\x00" + key))
	return sum[:]
}

// begin also tells whether it could be asked.
func (s *share) begin(key string, limit int, window time.Duration) (wait time.Duration, told bool) {
	told = s.do(func(ctx context.Context) (err error) {
		wait, err = s.with.BeginTry(ctx, s.key(key), limit, window)
		return err
	})
	return wait, told
}

func (s *share) giveBack(key string) {
	s.do(func(ctx context.Context) error { return s.with.ReturnTry(ctx, s.key(key)) })
}

func (s *share) forgive(key string) {
	s.do(func(ctx context.Context) error { return s.with.ForgiveTries(ctx, s.key(key)) })
}

// do has its own bound on time: whoever tries may have hung up, and the try counts all
// the same.
func (s *share) do(ask func(context.Context) error) (done bool) {
	if s == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), sharedTimeout)
	defer cancel()
	err := ask(ctx)
	if err != nil {
		s.failed(err)
	}
	return err == nil
}
