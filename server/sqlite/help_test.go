package sqlite_test

import (
	"context"
	"testing"
	"time"

	"cartline/server/cart"
)

// patience is how long a test waits for what should come soon.
const patience = 90 * time.Second

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

func identityName() string { return "user" + cart.NewID() }
