package foreign

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"

	"cartline/server/identity"
	"cartline/shared"
)

// Source is where an application's own sessions are looked up.
type Source interface {
	// Proof returns what of a request says who it is from, or "" if nothing does.
	Proof(r *http.Request) string

	// Ask returns whose a proof is, or a *shared.Problem with CodeUnauthorized if it is
	// nobody's, or with CodeForbidden if they may not come in. Any other error means that
	// this can't be found out. It ends with the context, and reads no more than it needs
	// of what comes back, whatever that is.
	Ask(ctx context.Context, proof string) (Answer, error)
}

// Config configures New. Source is required.
type Config struct {
	Source Source

	// Timeout bounds each question. Default: DefaultAuthTimeout.
	Timeout time.Duration

	// Keep is how long an answer stands, so that one page that opens ten sockets asks
	// once. Default: each question is asked.
	//
	// Danger: for so long somebody gets in who lost the right to, unless the
	// application says so; see Forget.
	Keep time.Duration

	// Roles are ours by the application's names for them, where they differ.
	Roles map[string][]string
}

// DefaultAuthTimeout is how long a question may take unless it is configured.
const DefaultAuthTimeout = 3 * time.Second

// Limits of asking.
const (
	// maxProof bounds what a stranger can have us keep and hash.
	maxProof = 8 << 10
	// maxKept is how many answers are kept, and maxAsked how many questions are open.
	maxKept  = 10_000
	maxAsked = 32
)

// Authority asks an existing application who somebody is. It is an httpauth.Authority, safe
// for concurrent use, and starts no goroutine.
type Authority struct {
	config Config
	asking chan struct{} // holds one for each open question
	flight singleflight.Group
	kept   *answers
	now    func() time.Time
}

// New makes an Authority.
func New(config Config) *Authority {
	if config.Timeout == 0 {
		config.Timeout = DefaultAuthTimeout
	}
	return &Authority{config: config, asking: make(chan struct{}, maxAsked), kept: newAnswers(config.Keep, maxKept), now: time.Now}
}

// Staff implements httpauth.Authority.
func (f *Authority) Staff(r *http.Request) (identity.Session, error) {
	return f.find(r.Context(), f.config.Source.Proof(r))
}

// Revalidate implements httpauth.Authority. The same proof may be another's by now, which is the
// end of the session.
func (f *Authority) Revalidate(ctx context.Context, session identity.Session) (identity.Session, error) {
	found, err := f.find(ctx, string(session.Proof))
	if err == nil && found.Username != session.Username {
		return identity.Session{}, signInFirst()
	}
	return found, err
}

// Forget has a user's sessions, or everybody's if it is "", asked for anew.
func (f *Authority) Forget(user string) { f.kept.forget(user) }

// ErrOpen is that of Try.
var ErrOpen = errors.New("it takes whoever shows nothing for a user")

// Try asks who somebody is that shows nothing. It returns ErrOpen if that is anybody, and
// why the application can't be asked if so.
func (f *Authority) Try(ctx context.Context) error {
	_, err := f.ask(ctx, "")
	var problem *shared.Problem
	switch {
	case err == nil:
		return ErrOpen
	case errors.As(err, &problem):
		return nil
	}
	return err
}

func (f *Authority) find(ctx context.Context, proof string) (identity.Session, error) {
	if proof == "" || len(proof) > maxProof {
		return identity.Session{}, signInFirst()
	}
	hash := sha256.Sum256([]byte(proof))
	since := f.kept.since()
	k, known := f.kept.find(hash, f.now())
	answer, err := k.answer, k.err
	if !known {
		answer, err = f.askOnce(ctx, proof, hash, since)
	}
	if err != nil {
		return identity.Session{}, err
	}
	return f.session(answer, proof, hash)
}

// askOnce asks, together with whoever else asks the same meanwhile; but not with one who
// asked before the answers of that time were forgotten. Once asked, a question isn't given
// up; so who has many more to ask ends with their context, or little later.
func (f *Authority) askOnce(ctx context.Context, proof string, hash [sha256.Size]byte, since int) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, fmt.Errorf("authority: %w", err)
	}
	answer, err, _ := f.flight.Do(fmt.Sprint(since, hash), func() (any, error) {
		// Others may wait for the answer when this one has gone.
		answer, err := f.ask(context.WithoutCancel(ctx), proof)
		f.kept.keep(hash, answer, err, since, f.now())
		return answer, err
	})
	return answer.(Answer), err
}

// ask asks within the time that there is.
func (f *Authority) ask(ctx context.Context, proof string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	select {
	case f.asking <- struct{}{}:
		defer func() { <-f.asking }()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("authority: too many questions are open: %w", ctx.Err())
	}
	answer, err := f.config.Source.Ask(ctx, proof)
	var problem *shared.Problem
	if err != nil && !errors.As(err, &problem) {
		return Answer{}, fmt.Errorf("authority: %w", err)
	}
	return answer, err
}

// session makes a session of an answer. One that doesn't say when it ends lasts as long as
// one of ours.
func (f *Authority) session(answer Answer, proof string, hash [sha256.Size]byte) (identity.Session, error) {
	now := f.now().UTC()
	if answer.Expires.IsZero() {
		answer.Expires = now.Add(identity.StaffLifetime)
	}
	if !now.Before(answer.Expires) {
		return identity.Session{}, signInFirst()
	}
	return identity.Session{
		Hash:      hash[:],
		Username:  answer.User,
		Roles:     f.ours(answer.Roles),
		CreatedAt: now,
		ExpiresAt: answer.Expires,
		Proof:     identity.Proof(proof),
	}, nil
}

// ours returns the roles that we know of.
func (f *Authority) ours(theirs []string) (roles []string) {
	for _, role := range theirs {
		if slices.Contains(shared.Roles(), role) {
			roles = append(roles, role)
		}
		roles = append(roles, f.config.Roles[role]...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

func signInFirst() error {
	return &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
}

// CookieValue returns the value of a request's cookie, or "" if there is none, or more
// than one: which of them the application would believe can't be known.
func CookieValue(r *http.Request, name string) string {
	cookies := r.CookiesNamed(name)
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}
