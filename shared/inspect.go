package shared

import "time"

// MaxGoneSessions bounds GatewaySessions.Gone.
const MaxGoneSessions = 100

// GatewaySessions answers GET /api/gateway/sessions: why did a message not arrive? Like
// GatewayStatus.Sessions it is of the one process that answers.
type GatewaySessions struct {
	Process string    `json:"process"`
	At      time.Time `json:"at"`
	// Listening says whether the connection to the database stands over which this process
	// hears of others' changes at once, and of notifications at all.
	Listening bool `json:"listening"`
	// Cursor is how far the log was told.
	Cursor string `json:"cursor,omitempty"`
	// Count is how many sessions are open, and Open the oldest of them, at most
	// MaxListedSessions; Gone are those that ended last, newest first, at most
	// MaxGoneSessions. All are of those whose name contains what was asked for.
	Count int            `json:"count"`
	Open  []SessionState `json:"open"`
	Gone  []SessionState `json:"gone"`
}

// SessionState is how one session stands, or stood at its end.
type SessionState struct {
	// Name is USERNAME-N, as in the log, and Request the id of its handshake.
	Name    string    `json:"name"`
	Request string    `json:"request,omitempty"`
	Since   time.Time `json:"since"`
	// Heard is when something last came from the client, if only an answer to a heartbeat,
	// to the precision of the heartbeats.
	Heard    time.Time      `json:"heard"`
	Channels []ChannelState `json:"channels"`
	// Sent counts events that were written to it, and QueueBytes what waits for it.
	// Coalesced counts events for which it got, or will get, a later one.
	Sent       int64 `json:"sent"`
	QueueBytes int   `json:"queue_bytes"`
	Coalesced  int   `json:"coalesced"`
	// Dropped counts events that waited for it and were not written, as it ended. With
	// their cursor it gets them when it comes back.
	Dropped int         `json:"dropped"`
	Ended   *SessionEnd `json:"ended,omitempty"`
}

// ChannelState is how far a session was told of a channel.
type ChannelState struct {
	Channel string      `json:"channel"`
	State   ChannelTold `json:"state"`
	// Cursor is that of the last event that was queued for it, or where it began.
	Cursor string `json:"cursor,omitempty"`
}

// ChannelTold says whether a session gets what happens as it happens.
type ChannelTold string

// Its values.
const (
	ChannelLive       ChannelTold = "live"
	ChannelCatchingUp ChannelTold = "catching_up" // it still gets what it has missed
)

// SessionEnd is how a session ended: the close code, and who closed: "peer", "server" or
// "nobody", where the connection broke.
type SessionEnd struct {
	At     time.Time `json:"at"`
	Code   int       `json:"code"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}
