package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"cartline/server/api"
	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/httpauth"
	"cartline/server/identity"
	"cartline/server/page"
	"cartline/server/postgres"
	"cartline/server/socket"
	"cartline/server/socket/wire"
	"cartline/server/tracing"
	"cartline/shared"
)

// server is everything that serves, wired together.
type server struct {
	command *serveCommand
	logger  *slog.Logger
	origins *socket.Origins
	started time.Time

	database *database // nil if this is a gateway for an application with its own
	staff    *identity.Staff
	carts    *cart.Service
	desk     *assist.Desk
	hub      *event.Hub
	tail     *event.Tail
	gate     *socket.Gate
	witness  *socket.Witness
	events   *socket.Events
	echo     *socket.Echo
	handler  http.Handler
	metrics  *metricsListener // nil unless it was asked for
	front    *tlsFront        // nil unless it was asked for
	observed observed
	tracer   *tracing.Tracer // nil unless it was asked for
	// processes are those that share the database; nil where there can be no others.
	processes *processes
	// What the gateway for another application asks and runs, and whether it hears what
	// that notifies.
	authority        *authority
	outbox           *postgres.Outbox // nil unless it was asked for
	gatewayTasks     []func(context.Context)
	gatewayListening func() bool

	recheck chan struct{} // someone's rights may have changed
	ended   int64         // where the database's list of shoppers' sessions that ended was when we began
}

// build makes the parts, inner ones first. Nothing runs yet.
func (s *server) build(ctx context.Context) (err error) {
	s.started = time.Now().UTC()
	s.tracer = s.newTracer()
	if s.command.Serve == modeGateway {
		return s.buildGateway(ctx)
	}
	wake := wakers{log: func() { s.tail.Wake() }, staff: s.askRecheck, gap: func() { s.hub.Gap() }}
	if s.database, err = openDatabase(ctx, s.command, wake, s.heard, s.logger); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.database.Close())
		}
	}()
	if err := s.command.move(ctx, s.database, s.askRecheck, s.logger); err != nil {
		return err
	}
	if s.ended, err = s.database.EndedHead(ctx); err != nil {
		return err
	}
	channels := append([]string{shared.ChannelCartActivity}, s.command.Channel...)
	if s.hub, err = event.NewHub(channels, []string{shared.ChannelGateway}, s.database.source, s.logger); err != nil {
		return usagef("--channel: %w", err)
	}
	s.tail = event.NewTail(s.database, s.tracer.Follow(&feed.Publisher{Hub: s.hub, Log: s.logger}), s.logger)
	if s.database.relay != nil {
		s.tail.Take(s.database.relay)
	}
	s.staff = identity.NewStaff(s.database)
	shoppers := identity.NewShoppers(s.database)
	customers := identity.NewCustomers(s.database, s.staff.Hasher())
	auth := httpauth.New(s.staff, shoppers, s.secure()).Below(s.command.BasePath)
	s.carts = cart.NewService(s.database, s.database, func() {
		s.tail.Wake()
		s.database.wakeOthers()
	})
	if s.desk, err = s.newDesk(customers); err != nil {
		return err
	}
	s.gate = socket.NewGate(s.command.socketLimits(), func() { s.events.Note() }, s.logger)
	s.witness = socket.NewWitness(s.origins)
	s.events = socket.NewEvents(socket.EventsConfig{
		Hub:          s.hub,
		Authenticate: auth.Staff,
		Revalidate:   auth.Revalidate,
		Shopper:      auth.ShopperSession,
		Attends:      s.attends,
		Feeds:        socket.Feeds{Watchers: feed.Watchers(), OfCart: feed.OfCart, OfShopper: feed.OfShopper},
		Activities:   s.database,
		Written:      s.tracesWritten(),

		RevalidateShopper: shoppers.Revalidate,

		Origins:       s.origins,
		AllowNoOrigin: s.command.AllowNoOrigin,
		Gate:          s.gate,
		Witness:       s.witness,
		Drain:         s.command.Drain,
		Heartbeat:     s.command.Heartbeat,
		Log:           s.logger,
	})
	s.echo = s.newEcho()
	s.joinProcesses(customers)
	api, err := api.New(api.Config{
		Carts:         s.carts,
		Desk:          s.desk,
		Staff:         s.staff,
		Customers:     customers,
		EndShopper:    s.events.EndShopper,
		Auth:          auth,
		Gateway:       s.status,
		Sessions:      s.inspect,
		SignedIn:      s.observed.signedIn,
		Handshakes:    s.handshakes(),
		Witness:       s.witness.Take,
		Away:          s.database.away,
		StorageFull:   s.database.storageFull,
		TrustedOrigin: s.origins.Own(),
		Log:           s.logger,
	})
	if err != nil {
		return err
	}
	pages, err := page.NewBelow(s.command.BasePath, s.carts, s.logger)
	if err != nil {
		return err
	}
	s.handler = s.routes(api, pages)
	return nil
}

// newEcho makes the echo, which is the same in every mode.
func (s *server) newEcho() *socket.Echo {
	return socket.NewEcho(socket.EchoConfig{
		Limit:        s.command.EchoLimit,
		CheckOrigin:  s.origins.Check,
		RefuseFaults: !s.command.EchoFaults,
		Gate:         s.gate,
		Witness:      s.witness,
		Drain:        s.command.Drain,
		Heartbeat:    s.command.Heartbeat,
		Log:          s.logger,
		Hooks: socket.EchoHooks{
			Opened: s.events.Note,
			Closed: func(wire.End) { s.events.Note() },
		},
	})
}

// close lets go of what the parts stand on.
func (s *server) close() error {
	if s.outbox != nil {
		return errors.Join(s.authority.Close(), s.outbox.Close())
	}
	if s.authority != nil {
		return s.authority.Close()
	}
	return s.database.Close()
}
