package identity

import (
	"context"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"cartline/shared"
)

// passwordParams are OWASP's minimum for Argon2id (Password Storage Cheat
// Sheet): 19 MiB, two passes, one thread. They are explicit because the
// library's defaults depend on the number of cores. Hashes keep their own
// parameters, and are renewed at sign-in when these change.
var passwordParams = &argon2id.Params{
	Memory:      19 * 1024, // KiB
	Iterations:  2,
	Parallelism: 1,
	SaltLength:  16,
	KeyLength:   32,
}

// concurrentHashes bounds the memory and the cores that sign-ins can take: two
// at a time are 38 MiB. Others wait in line until their request ends.
const concurrentHashes = 2

// MinPassword is the length in characters of the shortest password that staff may be
// given (OWASP ASVS 5.0, 6.2.1).
const MinPassword = 8

// Hasher hashes and checks passwords, a bounded number at a time. A process needs
// one only, since it is the process's memory that it bounds. It is safe for
// concurrent use.
type Hasher struct {
	slots chan struct{}
	// decoy is checked for users who don't exist, so that the answer takes the
	// same time as for those who do.
	decoy func() (string, error)
}

// NewHasher makes a Hasher.
func NewHasher() *Hasher {
	return &Hasher{
		slots: make(chan struct{}, concurrentHashes),
		decoy: sync.OnceValues(func() (string, error) {
			return argon2id.CreateHash(newToken(), passwordParams)
		}),
	}
}

// checkPassword tells whether staff may be given a password.
func checkPassword(password string) error {
	if utf8.RuneCountInString(password) < MinPassword {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "password", Detail: fmt.Sprintf("A password has at least %d characters.", MinPassword)}
	}
	if len(password) > shared.MaxPassword {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "password", Detail: fmt.Sprintf("A password has at most %d bytes.", shared.MaxPassword)}
	}
	return nil
}

func (h *Hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	return argon2id.CreateHash(password, passwordParams)
}

// check tells whether the password fits the hash, and whether the hash was made
// with other parameters than today's. An empty hash fits nothing.
func (h *Hasher) check(ctx context.Context, password, hash string) (fits, outdated bool, err error) {
	if err := h.acquire(ctx); err != nil {
		return false, false, err
	}
	defer h.release()
	known := hash != ""
	if !known {
		if hash, err = h.decoy(); err != nil {
			return false, false, err
		}
	}
	fits, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("stored password hash: %w", err)
	}
	return fits && known, *params != *passwordParams, nil
}

// verify is check, and lets a hash be renewed that is outdated.
func (h *Hasher) verify(ctx context.Context, password, hash string, renew func(newer string) error) (fits bool, err error) {
	fits, outdated, err := h.check(ctx, password, hash)
	if err != nil || !fits || !outdated {
		return fits, err
	}
	newer, err := h.hash(ctx, password)
	if err != nil {
		return false, err
	}
	return true, renew(newer)
}

func (h *Hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) release() { <-h.slots }
