package postgres

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// The channels on which our processes wake one another. Their notifications
// carry nothing: whoever is woken reads the tables.
const (
	ChannelLog   = "cartline_log"   // the log has grown
	ChannelStaff = "cartline_staff" // someone's rights may have changed
)

// wakeInterval is the least time between two notifications of one process. The
// changes within it are gathered into one.
const wakeInterval = 5 * time.Millisecond

// Waker tells the other processes that the log has grown. It does so after the
// commit: a NOTIFY inside the transaction would take a lock that the whole
// server's committing transactions queue for. If the process dies between the
// two, the others' poll finds the change a little later.
type Waker struct {
	store  *Store
	logger *slog.Logger
	grown  chan struct{}
}

// NewWaker makes a waker, which does nothing until Run.
func NewWaker(store *Store, logger *slog.Logger) *Waker {
	return &Waker{store: store, logger: logger, grown: make(chan struct{}, 1)}
}

// Wake notes that the log has grown. It never blocks.
func (w *Waker) Wake() {
	select {
	case w.grown <- struct{}{}:
	default:
	}
}

// Run notifies until the context ends.
func (w *Waker) Run(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-w.grown:
		case <-ctx.Done():
			return
		}
		if err := w.notify(ctx); err != nil && ctx.Err() == nil {
			w.logger.Warn("can't wake other processes; they will notice by themselves", "error", err)
		}
		pause.Reset(wakeInterval)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

// notify doesn't wait until the disk has it, as a commit would even of that: it would
// take a flush that changes of carts are waiting for, and meanwhile keep readers of the
// log from what was begun after it. There is nothing to lose: after a crash nobody
// listens any more who could be woken.
func (w *Waker) notify(ctx context.Context) error {
	batch := new(pgx.Batch)
	for _, statement := range []string{`BEGIN`, `SET LOCAL synchronous_commit TO off`, `NOTIFY ` + ChannelLog, `COMMIT`} {
		batch.Queue(statement)
	}
	return w.store.pool.SendBatch(ctx, batch).Close()
}
