package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"cartline/server/api"
	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/httpauth"
	"cartline/server/identity"
	"cartline/server/page"
	"cartline/server/socket"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// server is everything that serves, wired together.
type server struct {
	command *serveCommand
	logger  *slog.Logger
	origins *socket.Origins
	started time.Time

	database *database
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
	metrics  *metrics // nil unless it was asked for

	recheck chan struct{} // someone's rights may have changed
	ended   int64         // where the database's list of shoppers' sessions that ended was when we began
}

// build makes the parts, inner ones first. Nothing runs yet.
func (s *server) build(ctx context.Context) (err error) {
	s.started = time.Now().UTC()
	wake := wakers{log: func() { s.tail.Wake() }, staff: s.askRecheck, gap: func() { s.hub.Gap() }}
	if s.database, err = openDatabase(ctx, s.command.Database, wake, s.heard, s.logger); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.database.Close())
		}
	}()
	if s.ended, err = s.database.EndedHead(ctx); err != nil {
		return err
	}
	channels := append([]string{shared.ChannelCartActivity}, s.command.Channel...)
	if s.hub, err = event.NewHub(channels, []string{shared.ChannelGateway}, s.database.source, s.logger); err != nil {
		return usagef("--channel: %w", err)
	}
	s.tail = event.NewTail(s.database, &feed.Publisher{Hub: s.hub, Log: s.logger}, s.logger)
	s.staff = identity.NewStaff(s.database)
	secure := strings.HasPrefix(s.origins.Own(), "https:")
	shoppers := identity.NewShoppers(s.database)
	customers := identity.NewCustomers(s.database, s.staff.Hasher())
	auth := httpauth.New(s.staff, shoppers, secure)
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

		RevalidateShopper: shoppers.Revalidate,

		Origins:       s.origins,
		AllowNoOrigin: s.command.AllowNoOrigin,
		Gate:          s.gate,
		Witness:       s.witness,
		Drain:         s.command.Drain,
		Log:           s.logger,
	})
	s.echo = socket.NewEcho(socket.EchoConfig{
		Limit:        s.command.EchoLimit,
		CheckOrigin:  s.origins.Check,
		RefuseFaults: !s.command.EchoFaults,
		Gate:         s.gate,
		Witness:      s.witness,
		Drain:        s.command.Drain,
		Log:          s.logger,
		Hooks: socket.EchoHooks{
			Opened: s.events.Note,
			Closed: func(wire.End) { s.events.Note() },
		},
	})
	api, err := api.New(api.Config{
		Carts:         s.carts,
		Desk:          s.desk,
		Staff:         s.staff,
		Customers:     customers,
		EndShopper:    s.events.EndShopper,
		Auth:          auth,
		Gateway:       s.status,
		Handshakes:    map[string]func(*http.Request) error{"/echo": s.echo.MayEnter, "/events/io": s.events.MayEnter},
		Witness:       s.witness.Take,
		Unavailable:   s.database.unavailable,
		StorageFull:   s.database.storageFull,
		TrustedOrigin: s.origins.Own(),
		Log:           s.logger,
	})
	if err != nil {
		return err
	}
	pages, err := page.New(s.carts, s.logger)
	if err != nil {
		return err
	}
	s.handler = s.routes(api, pages)
	return nil
}
