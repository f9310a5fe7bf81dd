package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"cartline/shared"
)

// A second factor is a code that an authenticator app makes of a secret and the time
// (TOTP, RFC 6238), with what all apps take for granted: six digits, SHA-1, and steps of
// thirty seconds.
const (
	codeStep = 30 // seconds
	// codeSkew is how many steps the app's clock may be wrong, either way.
	codeSkew = 1
	// recoveryCodes is how many codes there are for whoever has lost the app; each has
	// eighty random bits, so that a plain hash suffices, as of a token.
	recoveryCodes  = 10
	recoveryLength = 16
	// wrongCodes is how many codes of an app may be wrong in a codeWindow, of one account,
	// by whoever knows its password. Three of a million are right at a time, so that a
	// whole year of guessing finds one in two cases of a hundred.
	wrongCodes = 20
	codeWindow = 24 * time.Hour
)

var codeOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// SecondFactor is what its owner gets to see of it, once.
type SecondFactor struct {
	URL      string   // otpauth://, for the app
	Recovery []string // codes for whoever has lost the app
}

// SetSecondFactor asks a code of an account at each sign-in from now on, in place of
// whatever it had before, and ends its sessions, which began without.
func (s *Staff) SetSecondFactor(ctx context.Context, username string) (SecondFactor, error) {
	if !usernamePattern.MatchString(username) {
		return SecondFactor{}, noSuchStaff(username, ErrNotFound)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Cartline", AccountName: username})
	if err != nil {
		return SecondFactor{}, fmt.Errorf("make a secret: %w", err)
	}
	factor := SecondFactor{URL: key.URL()}
	var hashes [][]byte
	for range recoveryCodes {
		code := rand.Text()[:recoveryLength]
		hashes = append(hashes, hashToken(code))
		factor.Recovery = append(factor.Recovery, strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"))
	}
	err = s.store.SetSecondFactor(ctx, username, key.Secret(), hashes, s.now())
	return factor, noSuchStaff(username, err)
}

// RemoveSecondFactor lets an account sign in with the password alone.
func (s *Staff) RemoveSecondFactor(ctx context.Context, username string) error {
	err := s.store.RemoveSecondFactor(ctx, username)
	if errors.Is(err, ErrNotFound) {
		return &shared.Problem{Code: shared.CodeNotFound, Field: "username", Detail: fmt.Sprintf("There is no account %q with a second factor.", username)}
	}
	return err
}

// checkCode checks the second factor of an account that has one, and spends the code:
// each is good once. The password was right.
func (s *Staff) checkCode(ctx context.Context, account Account, code string) error {
	if account.Secret == "" {
		return nil
	}
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if code == "" {
		return &shared.Problem{Code: shared.CodeSecondFactor, Field: "code", Detail: "Enter the code that your authenticator app shows, or a recovery code."}
	}
	var err error
	if sixDigits.MatchString(code) {
		err = s.tryCode(ctx, account, code)
	} else {
		err = s.store.SpendRecovery(ctx, account.Username, hashToken(code))
	}
	if errors.Is(err, ErrSpent) {
		return &shared.Problem{Code: shared.CodeBadCredentials, Field: "code", Detail: "That code is wrong, or was used already. Wait for the next one."}
	}
	return err
}

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// tryCode is spendCode, unless too many codes were wrong. One that is right doesn't forgive
// those, as its owner would for whoever guesses; a recovery code can't be guessed, and is
// good meanwhile.
func (s *Staff) tryCode(ctx context.Context, account Account, code string) error {
	if wait := s.codes.Begin(account.Username); wait > 0 {
		return tooMany(wait)
	}
	err := s.spendCode(ctx, account, code)
	if !errors.Is(err, ErrSpent) {
		s.codes.Return(account.Username)
	}
	return err
}

// spendCode finds the step of which a code is, and spends it.
func (s *Staff) spendCode(ctx context.Context, account Account, code string) error {
	present := s.now().Unix() / codeStep
	for step := present - codeSkew; step <= present+codeSkew; step++ {
		want, err := hotp.GenerateCodeCustom(account.Secret, uint64(step), codeOptions)
		if err != nil {
			return fmt.Errorf("the secret of %s: %w", account.Username, err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return s.store.SpendStep(ctx, account.Username, step)
		}
	}
	return ErrSpent
}

// ChangePassword gives whoever has a session another password, if they know the present
// one, and ends their other sessions. It is throttled together with their sign-ins.
func (s *Staff) ChangePassword(ctx context.Context, address string, session Session, in shared.ChangePassword) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := checkPassword(in.New); err != nil {
		problem := *shared.ProblemOf(err)
		problem.Field = "new"
		return &problem
	}
	err := s.attempts.try(strings.ToLower(session.Username), address, func() error {
		_, err := s.verify(ctx, shared.SignIn{Username: session.Username, Password: in.Current})
		if shared.ProblemOf(err).Code == shared.CodeBadCredentials {
			return &shared.Problem{Code: shared.CodeBadCredentials, Field: "current", Detail: "That is not your present password."}
		}
		return err
	})
	if err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, in.New)
	if err != nil {
		return err
	}
	err = s.store.SetPassword(ctx, session.Username, hash, session.Hash)
	if errors.Is(err, ErrNotFound) { // removed a moment ago
		return signInFirst()
	}
	return err
}
