// Cartline carries cart changes to the people who help customers build their
// carts, as they happen, and echoes WebSocket messages to those who test.
//
// This package wires the program together: main.go reads the command line,
// serve.go starts and stops everything in order, build.go makes the parts, routes.go says
// what is at which address, store.go chooses the database,
// staff.go manages accounts, customer.go answers for what is kept on customers,
// backup.go copies the database, copy.go moves it elsewhere, and connect.go is a client. Rules live in the packages below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"cartline/shared"
)

// version is set by the build.
var version = "dev"

// commandLine is what the program can be told. Each flag has a twin in the
// environment, over which the flag prevails.
type commandLine struct {
	Serve    serveCommand    `cmd:"" default:"withargs" help:"Serve the pages, the API and the sockets. This is done if no command is given."`
	Staff    staffCommand    `cmd:"" help:"Manage staff accounts; also while the server runs."`
	Customer customerCommand `cmd:"" help:"List customers; export or erase what is kept on a person."`
	Product  productCommand  `cmd:"" help:"Import, export and list what the shop sells."`
	Backup   backupCommand   `cmd:"" help:"Copy an SQLite database into a file; also while the server runs."`
	Restore  restoreCommand  `cmd:"" help:"Make a backup the SQLite database."`
	Copy     copyCommand     `cmd:"" help:"Copy an SQLite database into a PostgreSQL one, for a store that has outgrown its file."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to date, and do nothing else."`
	Connect  connectCommand  `cmd:"" help:"Send lines and print messages over a WebSocket."`

	EchoBench echoBenchCommand `cmd:"" help:"Measure an echo: its round trips, and how much goes through."`

	Version versionCommand `cmd:"" help:"Print the version."`
}

// databaseFlag is shared by all commands that use the database.
type databaseFlag struct {
	Database string `env:"CARTLINE_DATABASE" default:"sqlite:data/cartline.db" placeholder:"URL" help:"Where carts, staff and sessions are kept: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE. With sqlite:PATH?synchronous=normal, changes are faster, and the last of them are lost when power fails. (${default}, ${env})"`
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	signalled, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	// The default action is back before anything notices the first signal: a second
	// one kills.
	context.AfterFunc(signalled, func() {
		restore()
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// environment is what commands get to work with.
type environment struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the program, but for the process around it. It returns the exit status:
// 0, 1 if something went wrong, 2 if it was called wrongly.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var cli commandLine
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("cartline"),
		kong.Description("Live carts for people on the phone: a gateway that carries cart changes over WebSockets, and an echo to test with."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited = status }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Summary: false}),
		kong.ValueFormatter(func(v *kong.Value) string { return v.Help }),
	)
	if err != nil {
		panic(err) // a mistake in commandLine
	}
	parsed, err := parser.Parse(args)
	if exited == 0 && (slices.Equal(args, []string{"--help"}) || slices.Equal(args, []string{"-h"})) {
		// Serving needs no command, so its flags belong to the program's help.
		_, err = parser.Parse([]string{"serve", "--help"})
	}
	if exited >= 0 { // --help
		return exited
	}
	if err == nil {
		err = parsed.Run(&environment{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr})
	} else {
		err = usageError{fmt.Errorf("%w; see cartline --help", err)}
	}
	if err == nil {
		return 0
	}
	// Some libraries' errors have several lines; one is easier to find in a log.
	fmt.Fprintf(stderr, "cartline: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// asUsage makes a usage error of a problem that its caller has caused.
func asUsage(err error) error {
	var problem *shared.Problem
	if errors.As(err, &problem) && problem.Code == shared.CodeInvalid {
		return usageError{problem}
	}
	return err
}

type versionCommand struct{}

func (versionCommand) Run(env *environment) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		revision = " (" + info.GoVersion + ")"
	}
	_, err := fmt.Fprintf(env.stdout, "cartline %s%s\n", version, revision)
	return err
}
