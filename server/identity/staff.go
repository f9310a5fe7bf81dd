package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cartline/server/throttle"
	"cartline/shared"
)

// StaffLifetime is how long a session of staff lasts from its sign-in, whatever
// happens in it: a working day. An open socket doesn't prolong it.
const StaffLifetime = 12 * time.Hour

// Staff signs staff in and out and manages their accounts. Its errors are
// *shared.Problem where the caller is at fault, and the store's own otherwise.
type Staff struct {
	store    Store
	hasher   *Hasher
	now      func() time.Time
	attempts *attempts
	codes    *throttle.Throttle // of second factors, by username
}

// NewStaff makes a Staff.
func NewStaff(store Store) *Staff {
	return &Staff{
		store:    store,
		hasher:   NewHasher(),
		now:      now,
		attempts: newAttempts(),
		codes:    throttle.New(wrongCodes, codeWindow),
	}
}

// Hasher returns what passwords are hashed with, to be shared with Customers.
func (s *Staff) Hasher() *Hasher { return s.hasher }

// now has the precision that databases keep.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// SignIn checks a password, and the code of whoever has a second factor, and begins a
// session, whose token it returns. The session of the old token, if there is one, ends: a
// token that was planted in a browser before the sign-in is worth nothing after it.
func (s *Staff) SignIn(ctx context.Context, address string, in shared.SignIn, oldToken string) (token string, session Session, err error) {
	if err := in.Validate(); err != nil {
		return "", Session{}, err
	}
	var account Account
	err = s.attempts.try(strings.ToLower(in.Username), address, func() (err error) {
		if account, err = s.verify(ctx, in); err != nil {
			return err
		}
		return s.checkCode(ctx, account, in.Code)
	})
	if err != nil {
		return "", Session{}, err
	}
	token = newToken()
	session = Session{
		Hash:      hashToken(token),
		Username:  account.Username,
		Roles:     account.Roles,
		CreatedAt: s.now(),
	}
	session.ExpiresAt = session.CreatedAt.Add(StaffLifetime)
	var replaces []byte
	if isToken(oldToken) {
		replaces = hashToken(oldToken)
	}
	if err := s.store.AddSession(ctx, session, replaces); err != nil {
		if errors.Is(err, ErrNotFound) { // removed a moment ago
			return "", Session{}, badCredentials()
		}
		return "", Session{}, err
	}
	if err := s.confirm(ctx, account, session); err != nil {
		return "", Session{}, err
	}
	return token, session, nil
}

// confirm ends a session again whose account was given another password or second factor
// after they were looked at: that has ended the sessions that there were, and this one, of
// what was right before, may not have been among them yet.
func (s *Staff) confirm(ctx context.Context, account Account, session Session) error {
	present, err := s.store.Staff(ctx, account.Username)
	switch {
	case errors.Is(err, ErrNotFound): // removed a moment ago
		return badCredentials()
	case err != nil:
		return err // nobody has the token
	case present.PasswordHash == account.PasswordHash && present.Secret == account.Secret:
		return nil
	}
	if err := s.store.EndSession(ctx, session.Hash); err != nil {
		return err
	}
	return &shared.Problem{Code: shared.CodeBadCredentials, Detail: "The account was changed at this moment. Sign in again."}
}

func (s *Staff) verify(ctx context.Context, in shared.SignIn) (Account, error) {
	var account Account // nobody's, whose empty hash no password fits
	if usernamePattern.MatchString(in.Username) {
		// Any other name is not asked for: there is no such account, and a
		// database may refuse the text itself (PostgreSQL: U+0000).
		var err error
		if account, err = s.store.Staff(ctx, in.Username); err != nil && !errors.Is(err, ErrNotFound) {
			return Account{}, err
		}
	}
	fits, err := s.hasher.verify(ctx, in.Password, account.PasswordHash, func(newer string) error {
		old := account.PasswordHash
		account.PasswordHash = newer
		return s.store.Rehash(ctx, account.Username, old, newer)
	})
	if err != nil {
		return Account{}, err
	}
	if !fits {
		return Account{}, badCredentials()
	}
	return account, nil
}

// badCredentials doesn't say which of the two is wrong.
func badCredentials() error {
	return &shared.Problem{Code: shared.CodeBadCredentials, Detail: "Username or password is wrong."}
}

// Authenticate returns the session of a token, with the roles of this moment, or
// a Problem with CodeUnauthorized.
func (s *Staff) Authenticate(ctx context.Context, token string) (Session, error) {
	if !isToken(token) {
		return Session{}, signInFirst()
	}
	return s.Revalidate(ctx, hashToken(token))
}

// Revalidate looks a session up again, by its hash: it tells whether what was
// allowed when a socket opened still is.
func (s *Staff) Revalidate(ctx context.Context, hash []byte) (Session, error) {
	session, err := s.store.Session(ctx, hash)
	if errors.Is(err, ErrNotFound) || err == nil && !s.now().Before(session.ExpiresAt) {
		return Session{}, signInFirst()
	}
	return session, err
}

func signInFirst() error {
	return &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
}

// SignOut ends the session of a token, if there is one.
func (s *Staff) SignOut(ctx context.Context, token string) error {
	if !isToken(token) {
		return nil
	}
	return s.store.EndSession(ctx, hashToken(token))
}

// Has says whether the session has a role.
func (s Session) Has(role string) bool { return slices.Contains(s.Roles, role) }

var usernamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]*$`)

// Add adds an account.
func (s *Staff) Add(ctx context.Context, username, password string, roles []string) error {
	if len(username) > shared.MaxUsername || !usernamePattern.MatchString(username) {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "username", Detail: fmt.Sprintf("A username begins with a letter or digit, goes on with those or . _ @ -, and has at most %d.", shared.MaxUsername)}
	}
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.AddStaff(ctx, Account{Username: username, PasswordHash: hash, Roles: roles, CreatedAt: s.now()})
	if errors.Is(err, ErrExists) {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "username", Detail: fmt.Sprintf("There is an account %q already.", username)}
	}
	return err
}

// List returns every account by name, without the password hashes and, of who has a
// second factor, with something in place of its secret.
func (s *Staff) List(ctx context.Context) ([]Account, error) {
	accounts, err := s.store.AllStaff(ctx)
	for i := range accounts {
		accounts[i].PasswordHash = ""
		if accounts[i].Secret != "" {
			accounts[i].Secret = "•••"
		}
	}
	return accounts, err
}

// SetPassword gives an account another password and ends all its sessions.
func (s *Staff) SetPassword(ctx context.Context, username, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return noSuchStaff(username, s.store.SetPassword(ctx, username, hash, nil))
}

// SetRoles gives an account other roles, from its next request on.
func (s *Staff) SetRoles(ctx context.Context, username string, roles []string) error {
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	return noSuchStaff(username, s.store.SetRoles(ctx, username, roles))
}

// Remove removes an account and ends its sessions.
func (s *Staff) Remove(ctx context.Context, username string) error {
	return noSuchStaff(username, s.store.RemoveStaff(ctx, username))
}

func noSuchStaff(username string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return &shared.Problem{Code: shared.CodeNotFound, Field: "username", Detail: fmt.Sprintf("There is no account %q.", username)}
	}
	return err
}

// checkRoles sorts the roles, removes repetitions, and refuses unknown ones.
func checkRoles(roles []string) ([]string, error) {
	roles = slices.Clone(roles)
	slices.Sort(roles)
	roles = slices.Compact(roles)
	for _, role := range roles {
		if !slices.Contains(shared.Roles(), role) {
			return nil, &shared.Problem{Code: shared.CodeInvalid, Field: "role", Detail: fmt.Sprintf("There is no role %q; there are %s.", role, strings.Join(shared.Roles(), ", "))}
		}
	}
	return roles, nil
}
