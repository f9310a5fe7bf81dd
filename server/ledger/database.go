package ledger

import (
	"context"
	"sync"
	"testing"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
)

// store is what writers of this process use: the same code as the server's, but another
// connection.
type store interface {
	cart.Store
	identity.Store
	Close() error
}

// Database is where a run takes place.
type Database struct {
	// Address is what the server is told.
	Address string

	store store
	// rows reads the log, without the code that is tested.
	rows func(ctx context.Context) ([]Row, error)
	// wake tells the server that the log has grown, as another server would.
	wake func()
	// link is between the server and the database, cluster the database's server and
	// direct its address without the link. SQLite has none of them.
	link    *testenv.Link
	cluster *testenv.Cluster
	direct  string
}

// inBackground does something until the test ends.
func inBackground(t testing.TB, do func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { do(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

func closeStore(t testing.TB, s store) {
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
