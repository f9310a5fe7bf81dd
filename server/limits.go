package main

import (
	"time"

	"cartline/server/socket"
)

// socketFlags bound what clients may take of the sockets.
type socketFlags struct {
	MaxConnections           int           `env:"CARTLINE_MAX_CONNECTIONS" default:"20000" placeholder:"N" help:"Most sockets at a time; 0 is no limit, so that whoever opens enough of them can use up the machine. (${default}, ${env})"`
	MaxConnectionsPerAddress int           `env:"CARTLINE_MAX_CONNECTIONS_PER_ADDRESS" default:"500" placeholder:"N" help:"Most sockets from one network address. Behind a proxy all clients have its address, unless --trusted-proxy names it; or set it to 0, which is no limit, and have the proxy limit them, or one machine can take all. (${default}, ${env})"`
	MaxConnectionsPerUser    int           `env:"CARTLINE_MAX_CONNECTIONS_PER_USER" default:"50" placeholder:"N" help:"Most event sockets of one member of the staff, or one shopper; 0 is no limit, so that one session can take all. (${default}, ${env})"`
	HandshakeRate            int           `env:"CARTLINE_HANDSHAKE_RATE" default:"500" placeholder:"N" help:"Most sockets opened per second, twice as many after a pause; 0 is no limit, so that all clients coming back at once can overwhelm the database. (${default}, ${env})"`
	MessageRate              int           `env:"CARTLINE_MESSAGE_RATE" default:"50" placeholder:"N" help:"Most messages per second from one client of the events, twice as many after a pause; 0 is no limit, so that one client can keep the database busy. (${default}, ${env})"`
	Drain                    time.Duration `env:"CARTLINE_DRAIN" default:"5s" placeholder:"DURATION" help:"Time over which sockets are told to go when the server stops; few are told faster. The longer, the gentler all come back. (${default}, ${env})"`
	Heartbeat                time.Duration `env:"CARTLINE_HEARTBEAT" default:"15s" placeholder:"DURATION" help:"How often a quiet client is asked whether it is there; one that is gone is found within four times that. It also keeps proxies from closing what is quiet, so theirs must be longer. (${default}, ${env})"`
}

// maxDrain bounds how long a server takes to stop, and the other two how often and how
// seldom it looks for clients that are gone.
const (
	maxDrain     = 10 * time.Minute
	minHeartbeat = 100 * time.Millisecond
	maxHeartbeat = 10 * time.Minute
)

func (f socketFlags) check() error {
	for flag, value := range map[string]int{
		"--max-connections":             f.MaxConnections,
		"--max-connections-per-address": f.MaxConnectionsPerAddress,
		"--max-connections-per-user":    f.MaxConnectionsPerUser,
		"--handshake-rate":              f.HandshakeRate,
		"--message-rate":                f.MessageRate,
	} {
		if value < 0 {
			return usagef("%s is a number, or 0 for no limit, not %d", flag, value)
		}
	}
	if f.Drain < 0 || f.Drain > maxDrain {
		return usagef("--drain is from 0s to %v, not %v", maxDrain, f.Drain)
	}
	if f.Heartbeat < minHeartbeat || f.Heartbeat > maxHeartbeat {
		return usagef("--heartbeat is from %v to %v, not %v", minHeartbeat, maxHeartbeat, f.Heartbeat)
	}
	return nil
}

func (f socketFlags) socketLimits() socket.Limits {
	return socket.Limits{
		Connections: f.MaxConnections,
		PerAddress:  f.MaxConnectionsPerAddress,
		PerUser:     f.MaxConnectionsPerUser,
		Handshakes:  f.HandshakeRate,
		Messages:    f.MessageRate,
		Faults:      socket.DefaultFaults,
	}
}
