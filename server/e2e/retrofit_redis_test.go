package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"cartline/server/internal/testenv"
	"cartline/shared/live"
)

// The walk-through's command for an application that keeps its sessions in Redis.
func TestRetrofitWithRedis(t *testing.T) {
	t.Parallel()
	store := &sampleStore{database: testenv.Postgres(t)} // which says what happens, and not who is who
	redis := testenv.Redis(t)
	args := store.gatewayCommands(t, "")[2]
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "redis://localhost:6379/0", redis.URL())
	}
	g := testenv.StartServer(t, testenv.ServerOptions{Args: args, Env: patient})
	client := goredis.NewClient(&goredis.Options{Addr: redis.Address()})
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Set(t.Context(), "sess:anns", `{"user":{"name":"ann","roles":["event_listener"]}}`, 0).Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	dial := func(cookie string) (*live.Conn, error) {
		return live.Dial(ctx, g.BaseURL+"/events/io", live.Options{Header: http.Header{"Origin": {g.BaseURL}, "Cookie": {"sid=" + cookie}}})
	}
	if conn, err := dial("bobs"); err == nil || !strings.Contains(err.Error(), "403") {
		if err == nil {
			conn.Abandon()
		}
		t.Errorf("somebody else: got %v, want 403", err)
	}
	conn, err := dial("anns")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Abandon()
	if err := conn.WriteText(ctx, `{"listen":"cart_activity"}`); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`["listening",{"channel":"cart_activity"`, `["cart_activity",{"owner":"carl"}`} {
		message, err := conn.Read(ctx)
		if err != nil || !strings.HasPrefix(string(message.Data), want) {
			t.Fatalf("got %s, %v; want %s", message.Data, err, want)
		}
		if strings.HasPrefix(want, `["listening"`) {
			store.execute(t, `NOTIFY cart_activity, '{"owner":"carl"}'`)
		}
	}
}
