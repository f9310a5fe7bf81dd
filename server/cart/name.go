package cart

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// idSize is the length in bytes of an identifier.
const idSize = 16

// NewID returns an identifier of 128 random bits, in hexadecimal.
func NewID() string {
	var id [idSize]byte
	rand.Read(id[:]) // never fails (crypto/rand, since Go 1.24)
	return hex.EncodeToString(id[:])
}

// NewName returns a short name for a cart, easy to say on the phone. Names are
// for people and need not be unique: there are some four hundred thousand.
func NewName() string {
	var random [8]byte
	rand.Read(random[:])
	n := binary.BigEndian.Uint64(random[:])
	colour := colours[n%uint64(len(colours))]
	n /= uint64(len(colours))
	animal := animals[n%uint64(len(animals))]
	n /= uint64(len(animals))
	return fmt.Sprintf("%s-%s-%02d", colour, animal, n%100)
}

var colours = [...]string{
	"amber", "apricot", "aqua", "ash", "azure", "beige", "black", "blue",
	"brass", "brick", "bronze", "brown", "cherry", "cobalt", "copper", "coral",
	"cream", "crimson", "denim", "ebony", "emerald", "fawn", "flint", "gold",
	"green", "grey", "hazel", "indigo", "iron", "ivory", "jade", "khaki",
	"lemon", "lilac", "lime", "maroon", "mauve", "mint", "mustard", "navy",
	"ochre", "olive", "opal", "orange", "peach", "pearl", "pink", "plum",
	"purple", "red", "rose", "ruby", "russet", "rust", "sage", "sand",
	"silver", "slate", "steel", "tan", "teal", "umber", "violet", "white",
}

var animals = [...]string{
	"badger", "bat", "bear", "beaver", "bee", "bison", "boar", "camel",
	"cat", "colt", "crab", "crane", "crow", "deer", "dog", "dove",
	"duck", "eagle", "eel", "elk", "falcon", "ferret", "finch", "fox",
	"frog", "goat", "goose", "gull", "hare", "hawk", "hen", "heron",
	"horse", "ibex", "jay", "koala", "lamb", "lark", "lion", "lynx",
	"mole", "moose", "mouse", "newt", "otter", "owl", "panda", "pony",
	"puffin", "quail", "rabbit", "raven", "robin", "seal", "sheep", "stork",
	"swan", "tiger", "toad", "trout", "turtle", "whale", "wolf", "wren",
}

// orderAlphabet is Crockford's Base32: no letter in it is taken for a digit.
const orderAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newOrderNumber returns a number for an order, like "K7QF2-29MDX": 50 random bits,
// so that it tells nothing of how many orders there are.
func newOrderNumber() string {
	var random [10]byte
	rand.Read(random[:])
	for i, b := range random {
		random[i] = orderAlphabet[b%32]
	}
	return string(random[:5]) + "-" + string(random[5:])
}

// NewCode returns six random digits.
func NewCode() string {
	var random [8]byte
	rand.Read(random[:])
	// A million is so far below 2^64 that no digit is likelier than another.
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(random[:])%1_000_000)
}
