package redis_test

import (
	"io"
	"log/slog"
	"sync"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/server/redis"
)

// Several that begin at once, as servers in tests do, give their logs without a race, also
// while somebody has something to say.
func TestLogTo(t *testing.T) {
	server := testenv.Redis(t)
	url := server.URL()
	server.Kill() // so that the library complains
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			redis.LogTo(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})))
			shoppers, err := redis.OpenShoppers(url)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := shoppers.Shopper(t.Context(), []byte("hash")); err == nil {
				t.Error("Redis answers, which isn't there")
			}
			if err := shoppers.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
