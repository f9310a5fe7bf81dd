package main

import (
	"time"

	"cartline/server/event"
)

// heard hands a bare notification to its listeners.
func (s *server) heard(channel, payload string) {
	e, err := event.FromNotification(channel, payload, time.Now().UTC())
	if err != nil {
		s.logger.Error("a notification can't be told", "channel", channel, "error", err)
		return
	}
	s.hub.Publish(e)
}
