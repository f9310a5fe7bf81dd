package cart

import (
	"context"
	"strings"
	"unicode/utf8"
)

// storable says whether every database can hold the texts. PostgreSQL can't hold
// U+0000, nor what is not UTF-8, and fails when it is asked for it; but that
// nothing is called so is an answer, not a failure.
func storable(texts ...string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return false
		}
	}
	return true
}

// find asks a store for what a stranger names.
func find[T any](ctx context.Context, ask func(context.Context, string) (T, error), name string) (T, error) {
	if !storable(name) {
		var none T
		return none, ErrNotFound
	}
	return ask(ctx, name)
}
