package identity

import (
	"bytes"
	"regexp"
	"testing"
)

func TestTokens(t *testing.T) {
	pattern := regexp.MustCompile(`^[A-Z2-7]{26,}$`) // at least 128 bits, in base32
	one, other := newToken(), newToken()
	if !pattern.MatchString(one) || len(one) > maxToken || one == other {
		t.Errorf("got %q and %q, want two that need no quoting", one, other)
	}
	hash := hashToken(one)
	if len(hash) != 32 || bytes.Contains(hash, []byte(one)) || !bytes.Equal(hash, hashToken(one)) || bytes.Equal(hash, hashToken(other)) {
		t.Errorf("got %x for %q", hash, one)
	}
}
