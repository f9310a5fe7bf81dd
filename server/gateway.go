package main

import (
	"context"
	"errors"

	"cartline/server/api"
	"cartline/server/event"
	"cartline/server/page"
	"cartline/server/postgres"
	"cartline/server/socket"
	"cartline/shared"
)

// buildGateway makes what a gateway consists of that stands beside another application:
// it listens on that one's database, in which it keeps nothing and makes no table, and
// asks an authority who its users are. There is no log, so a channel is what is notified
// on it while somebody listens; unless the application keeps one, see outbox.go.
func (s *server) buildGateway(ctx context.Context) (err error) {
	var confirmer *confirmer
	again := func() { s.wakeTail(); s.hub.Gap(); confirmer.Told("") }
	hear := func(channel, payload string) {
		switch channel {
		case postgres.ChannelSessions:
			confirmer.Told(payload)
		case postgres.ChannelLog:
			s.wakeTail()
		default:
			s.heard(channel, payload)
		}
	}
	listener, err := postgres.NewListener(s.command.NotifyDatabase, hear, again, s.logger)
	if err != nil {
		return err
	}
	authority, err := newAuthority(ctx, s.command, s.logger)
	if err != nil {
		return err
	}
	s.authority = authority
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	channels := append([]string{shared.ChannelCartActivity}, s.command.Channel...)
	if s.hub, err = event.NewHub(channels, []string{shared.ChannelGateway}, listener, s.logger); err != nil {
		return usagef("--channel: %w", err)
	}
	s.gate = socket.NewGate(s.command.socketLimits(), func() { s.events.Note() }, s.logger)
	s.witness = socket.NewWitness(s.origins)
	config := socket.EventsConfig{
		Hub:           s.hub,
		Authenticate:  authority.Staff,
		Revalidate:    authority.Revalidate,
		Grace:         s.command.AuthGrace,
		Origins:       s.origins,
		AllowNoOrigin: s.command.AllowNoOrigin,
		Gate:          s.gate,
		Witness:       s.witness,
		Drain:         s.command.Drain,
		Heartbeat:     s.command.Heartbeat,
		Log:           s.logger,
	}
	if err := s.followOutbox(ctx, &config); err != nil {
		return err
	}
	s.events = socket.NewEvents(config)
	confirmer = newConfirmer(authority, s.events, s.command.Recheck, s.logger)
	s.echo = s.newEcho()
	api, err := api.NewGateway(api.GatewayConfig{
		Authority:     authority,
		Gateway:       s.status,
		Sessions:      s.inspect,
		Handshakes:    s.handshakes(),
		Witness:       s.witness.Take,
		TrustedOrigin: s.origins.Own(),
		Log:           s.logger,
	})
	if err != nil {
		return err
	}
	// Of the pages, only that of the events is passed on; see onlyHere. The shop's would
	// need a catalogue.
	pages, err := page.NewBelow(s.command.BasePath, nil, s.logger)
	if err != nil {
		return err
	}
	s.gatewayListening = listener.Standing
	s.gatewayTasks = []func(context.Context){
		listener.Run,
		confirmer.Run,
		func(ctx context.Context) {
			// It fails only when the server stops.
			_ = listener.Listen(ctx, postgres.ChannelSessions)
		},
	}
	if s.tail != nil {
		s.gatewayTasks = append(s.gatewayTasks, s.tail.Run, func(ctx context.Context) { _ = listener.Listen(ctx, postgres.ChannelLog) })
	}
	s.handler = s.routes(api, pages)
	return nil
}
