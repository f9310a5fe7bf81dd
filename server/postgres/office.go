package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// officeLock is the class of the advisory lock that one process of all holds.
const officeLock = 0x6c656164 // "lead"

// The times of an office.
const (
	holdInterval = time.Second
	holdTimeout  = 2 * time.Second
	// officeIdle is after what time the database ends the session of a holder of whom it
	// hears nothing, and with it the lock. It is longer than a holder takes to notice
	// that it is cut off.
	officeIdle = 5 * time.Second
)

// Office is held by one of the processes that share a database, for as long as its
// connection stands: it is an advisory lock.
type Office struct {
	conn *pgx.Conn
	term int64
}

// Elect gives this process the office, or returns nil if another holds it. The DSN must
// lead to the database itself: behind a pooler, a lock may be anybody's.
func Elect(ctx context.Context, dsn string) (_ *Office, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config, "cartline elected")
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	o := &Office{conn: conn}
	elected := false
	defer func() {
		if !elected {
			o.Leave()
		}
	}()
	// The time is the database's, which is one for all.
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, 0), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`, officeLock).Scan(&elected, &o.term)
	if err != nil || !elected {
		return nil, err
	}
	if err := o.bound(ctx); err != nil {
		elected = false
		return nil, err
	}
	return o, nil
}

// bound has the database end the session soon after this process has gone without a word.
// PostgreSQL 13 can do so only by what TCP notices.
func (o *Office) bound(ctx context.Context) error {
	for setting, value := range map[string]string{
		"idle_session_timeout": fmt.Sprint(officeIdle.Milliseconds()),
		"tcp_keepalives_idle":  "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3",
	} {
		const undefined = "42704"
		_, err := o.conn.Exec(ctx, `SELECT set_config($1, $2, false)`, setting, value)
		if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == undefined {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Term is greater the later the election was, by the database's clock.
func (o *Office) Term() int64 { return o.term }

// Hold returns with the reason when the office is lost, as far as that is known, or with
// the context's error.
func (o *Office) Hold(ctx context.Context) error {
	ticker := time.NewTicker(holdInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		limited, cancel := context.WithTimeout(ctx, holdTimeout)
		err := o.conn.Ping(limited)
		cancel()
		if err != nil {
			return fmt.Errorf("the connection that holds the lock: %w", err)
		}
	}
}

// Leave gives the office up.
func (o *Office) Leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = o.conn.Close(ctx) // an error means that it has ended already
}
