package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/identity"
	"cartline/server/nats"
	"cartline/server/postgres"
	"cartline/server/redis"
	"cartline/server/sqlite"
)

// store is a database, whichever it is.
type store interface {
	cart.Store
	cart.Log
	assist.Store
	identity.Store
	// SweepGuests forgets the sessions of guests without a cart that began before
	// a time, and returns how many.
	SweepGuests(ctx context.Context, before time.Time) (int64, error)
	// EndedShoppers returns the hashes of shoppers' sessions that ended after the one
	// with a number, by whatever process, and the number of the last of them, or of
	// the last of all, which EndedHead returns as well.
	EndedShoppers(ctx context.Context, after int64, limit int) (hashes [][]byte, last int64, err error)
	EndedHead(ctx context.Context) (int64, error)
	Ping(ctx context.Context) error
	Close() error
}

// database is an open store with what is peculiar to its kind.
type database struct {
	store
	kind string // for people
	// source is where notifications come from.
	source event.Source
	// wakeOthers tells other processes that the log has grown.
	wakeOthers func()
	// listening tells whether the connection stands over which others' changes are
	// heard of at once. It is nil where nobody has to hear of them.
	listening func() bool
	// processes tells of the processes that share the database; nil where there can't be
	// two.
	processes processTable
	// relay is by which the log comes over NATS; nil if it doesn't.
	relay *nats.Relay
	// sessions asks what keeps shoppers' sessions; nil if the store does.
	sessions func(context.Context) error
	// unavailable tells whether an error means that the database is away, and
	// storageFull whether it means that nothing can be written.
	unavailable, storageFull func(error) bool
	// tasks run as long as the server does.
	tasks []func(context.Context)
}

// away says, for people, what an error means is away, or "".
func (d *database) away(err error) string {
	switch {
	case redis.Unavailable(err):
		return "What keeps shoppers' sessions"
	case d.unavailable(err):
		return "The database"
	}
	return ""
}

// Mistakes in --database. What was given may hold a password; so it is not repeated.
var (
	errNoPath       = usagef("--database sqlite:PATH needs the path of a file, like sqlite:data/cartline.db")
	errBadParameter = usagef("--database sqlite:PATH may be followed by ?synchronous=full, which is so anyway, or ?synchronous=normal, and by nothing else")
	errNoScheme     = usagef("--database begins with sqlite: or postgres://")
)

// openStore opens the database at an address.
func openStore(ctx context.Context, address string) (store, error) {
	scheme, path, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		path, synchronous, err := parseSQLite(path)
		if err != nil {
			return nil, err
		}
		return sqlite.OpenWith(ctx, path, synchronous)
	case "postgres", "postgresql":
		if err := postgres.CheckDSN(address); err != nil {
			return nil, usagef("--database: %w", err)
		}
		return postgres.Open(ctx, address)
	default:
		return nil, errNoScheme
	}
}

// openStore opens the database that is served from.
func (c *serveCommand) openStore(ctx context.Context) (store, error) {
	if c.NotifyDatabase == "" {
		return openStore(ctx, c.Database)
	}
	if err := postgres.CheckDSN(c.Database); err != nil {
		return nil, usagef("--database: %w", err)
	}
	s, err := postgres.OpenBehind(ctx, c.Database, c.NotifyDatabase)
	if errors.Is(err, postgres.ErrElsewhere) {
		return nil, usagef("--notify-database leads to another database than --database")
	}
	return s, err
}

// parseSQLite takes apart what follows "sqlite:" in an address: PATH, or
// PATH?synchronous=normal.
func parseSQLite(rest string) (path string, synchronous sqlite.Synchronous, err error) {
	path, query, asked := strings.Cut(rest, "?")
	if path == "" || strings.HasPrefix(path, ":") {
		return "", "", errNoPath
	}
	parameters, err := url.ParseQuery(query)
	synchronous = sqlite.Synchronous(parameters.Get("synchronous"))
	switch {
	case !asked:
		return path, sqlite.Full, nil
	case err != nil, len(parameters) != 1, len(parameters["synchronous"]) != 1,
		synchronous != sqlite.Full && synchronous != sqlite.Normal:
		return "", "", errBadParameter
	}
	return path, synchronous, nil
}

// wakers are the functions that tell parts of the server to look again.
type wakers struct {
	log   func() // the log may have grown
	staff func() // someone's rights may have changed
	gap   func() // bare notifications may have been missed
}

// hear has the parts look again that a notification is for, and hands on the others.
func (w wakers) hear(heard func(channel, payload string)) func(channel, payload string) {
	return func(channel, payload string) {
		switch channel {
		case postgres.ChannelLog:
			w.log()
		case postgres.ChannelStaff:
			w.staff()
		default:
			heard(channel, payload)
		}
	}
}

// again has all of them look, after notifications may have been lost.
func (w wakers) again() { w.log(); w.staff(); w.gap() }

// openDatabase opens the store that a process serves from. Heard gets each notification
// from outside; nothing is heard before the tasks run, and nothing at all by a process that
// has nobody to tell.
func openDatabase(ctx context.Context, c *serveCommand, wake wakers, heard func(channel, payload string), logger *slog.Logger) (*database, error) {
	opened, err := c.openStore(ctx)
	if err != nil {
		return nil, err
	}
	switch s := opened.(type) {
	case *sqlite.Store:
		if !s.Durable() {
			logger.Warn("synchronous is normal: when the operating system crashes or power fails, the last changes are lost although they were acknowledged and told")
		}
		return &database{
			store: s, kind: "SQLite", source: event.NoSource{}, wakeOthers: func() {}, listening: func() bool { return true },
			unavailable: sqlite.Unavailable, storageFull: sqlite.StorageFull,
			tasks: []func(context.Context){func(ctx context.Context) {
				watch(ctx, s, func() { wake.log(); wake.staff() }, logger)
			}},
		}, nil
	case *postgres.Store:
		listen := c.listenAddress()
		if c.overNATS() {
			listen = ""
		}
		d, err := openPostgres(ctx, s, listen, wake, heard, logger)
		if err == nil && c.overNATS() {
			err = d.relayed(c, wake, heard, logger)
		}
		if err != nil {
			return nil, fmt.Errorf("%w (closing: %v)", err, s.Close())
		}
		return d, nil
	default:
		panic(fmt.Sprintf("no such store: %T", opened))
	}
}

// watch watches a file until the context ends, and begins again after an error.
func watch(ctx context.Context, s *sqlite.Store, changed func(), logger *slog.Logger) {
	const pause = time.Second
	for {
		err := s.Watch(ctx, changed)
		if ctx.Err() != nil {
			return
		}
		logger.Error("can't watch the database for changes by other programs", "error", err, "retry_in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// openPostgres joins a store to what listens, at an address that may be "", and notifies.
func openPostgres(ctx context.Context, s *postgres.Store, listen string, wake wakers, heard func(channel, payload string), logger *slog.Logger) (*database, error) {
	if unknown := s.Unknown(); len(unknown) > 0 {
		logger.Warn("the database user may not ask for what tells a database from its copy; after restoring or copying it, some cursors may be taken for its own",
			"unknown", strings.Join(unknown, ", "))
	}
	if safe, err := s.Durable(ctx); err != nil {
		return nil, err
	} else if !safe {
		logger.Warn("synchronous_commit is off: when PostgreSQL crashes, the last changes are lost although they were acknowledged and told")
	}
	waker := postgres.NewWaker(s, logger)
	d := &database{
		store: s, kind: "PostgreSQL", source: event.NoSource{}, wakeOthers: waker.Wake, processes: s,
		unavailable: postgres.Unavailable, storageFull: postgres.StorageFull,
		tasks: []func(context.Context){waker.Run},
	}
	if listen == "" {
		return d, nil
	}
	return d, d.listen(listen, wake, heard, logger)
}

// listen has the database listen at an address, once its tasks run.
func (d *database) listen(address string, wake wakers, heard func(channel, payload string), logger *slog.Logger) error {
	listener, err := postgres.NewListener(address, wake.hear(heard), wake.again, logger)
	if err != nil {
		return err
	}
	d.source, d.listening = listener, listener.Standing
	d.tasks = append(d.tasks, listener.Run, func(ctx context.Context) {
		for _, channel := range []string{postgres.ChannelLog, postgres.ChannelStaff} {
			if err := listener.Listen(ctx, channel); err != nil {
				return // the server stops
			}
		}
	})
	return nil
}

type migrateCommand struct{ databaseFlag }

func (c *migrateCommand) Run(env *environment) error {
	s, err := openStore(env.ctx, c.Database) // which migrates
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, "The database's schema is up to date.")
	return err
}
