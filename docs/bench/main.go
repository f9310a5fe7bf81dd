// Command rivals is what Cartline is measured against: the smallest relays and echoes
// that one would write with each library, and with none.
//
// A relay listens to one channel of a PostgreSQL database, and sends what is notified
// there to everyone who is connected. It knows no users, keeps nothing, and most of them
// let one slow client hold up all: that makes them a floor, and no design. An echo sends
// back what it gets, up to the limit that Cartline's has, and refuses text that is not
// UTF-8, as Cartline's does.
//
// This is a module of its own, so that the libraries stay out of Cartline's. It is
// started by server/bench, which tells what is measured. Start reading at kinds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// echoLimit is the largest message that an echo takes, as Cartline's by default.
const echoLimit = 1 << 20

// relay serves listeners of what is notified.
type relay interface {
	serve(net.Listener) error
	// broadcast sends a payload to all. It is called by one goroutine, and may keep the
	// payload.
	broadcast(payload []byte)
}

// kind is one way to do both.
type kind struct {
	relay func() relay
	echo  func(net.Listener) error
}

var kinds = map[string]kind{
	"raw":         {relay: newRawRelay, echo: rawEcho},
	"coder":       {relay: newCoderLoop, echo: coderEcho(readPooled)},
	"coder-queue": {relay: newCoderQueue, echo: coderEcho(readWhole)},
	"gorilla":     {relay: newGorillaRelay, echo: gorillaEcho},
	"gws":         {relay: newGWSRelay, echo: gwsEcho},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rivals", flag.ContinueOnError)
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	name := flags.String("server", "raw", "which one: "+strings.Join(names, ", "))
	database := flags.String("database", "", "`URL` of the PostgreSQL database to relay from; without it, the server is an echo")
	channel := flags.String("channel", "cart_activity", "the `name` of the channel to relay")
	if err := flags.Parse(args); err != nil {
		return err
	}
	made, ok := kinds[*name]
	if !ok {
		return fmt.Errorf("there is no server %q, but %s", *name, strings.Join(names, ", "))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	if *database == "" {
		go func() { failed <- made.echo(listener) }()
	} else {
		conn, err := listen(ctx, *database, *channel)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		it := made.relay()
		go func() { failed <- it.serve(listener) }()
		go func() { failed <- forward(ctx, conn, it) }()
	}
	// Whoever has started this waits for the line.
	fmt.Printf("listening on %s\n", listener.Addr())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil // the process ends, and with it everything
	}
}

// listen begins to listen, so that nothing that is notified from now on is missed.
func listen(ctx context.Context, database, channel string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

// forward hands everything that is notified to a relay.
func forward(ctx context.Context, conn *pgx.Conn, it relay) error {
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		it.broadcast([]byte(n.Payload))
	}
}
