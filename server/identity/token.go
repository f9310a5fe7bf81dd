package identity

import (
	"crypto/rand"
	"crypto/sha256"
)

// newToken returns a session's secret: 130 random bits as text that needs no
// quoting in a cookie.
func newToken() string { return rand.Text() }

// maxToken bounds what is hashed for a stranger.
const maxToken = 128

// isToken tells whether a stranger's text is worth hashing.
func isToken(text string) bool { return text != "" && len(text) <= maxToken }

// hashToken is what is stored in place of a token. The token is random, so a
// plain hash suffices; there is nothing to guess.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
