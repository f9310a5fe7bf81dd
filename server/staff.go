package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"cartline/server/identity"
	"cartline/shared"
)

// staffCommand manages staff accounts in the database. A server that runs on the
// same database notices by itself.
type staffCommand struct {
	Add    staffAdd    `cmd:"" help:"Add an account. The password is read from standard input."`
	List   staffList   `cmd:"" help:"List the accounts with their roles."`
	Passwd staffPasswd `cmd:"" help:"Set another password, read from standard input, and end the account's sessions."`
	Role   staffRole   `cmd:"" help:"Replace the roles of an account."`
	TOTP   staffTOTP   `cmd:"" name:"totp" help:"Ask a code of an authenticator app besides the password, and print what the app needs."`
	Remove staffRemove `cmd:"" help:"Remove an account and end its sessions."`
}

// withStaff does something with the accounts of a database.
func withStaff(env *environment, database string, do func(*identity.Staff) error) (err error) {
	s, err := openStore(env.ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return asUsage(do(identity.NewStaff(s)))
}

// withAccounts is withStaff for accounts that exist.
func withAccounts(env *environment, database string, do func(*identity.Staff) error) error {
	if err := checkExists(database); err != nil {
		return err
	}
	return withStaff(env, database, do)
}

// checkExists keeps a new database from being made of a path that was mistyped.
func checkExists(database string) error {
	rest, ok := strings.CutPrefix(database, "sqlite:")
	if !ok {
		return nil
	}
	path, _, err := parseSQLite(rest)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database %s", path)
	}
	return nil
}

type staffAdd struct {
	databaseFlag
	Name string   `arg:"" help:"Username."`
	Role []string `placeholder:"ROLE" help:"event_listener, cart_editor, discounter or admin; repeatable."`
}

func (c *staffAdd) Run(env *environment) error {
	password, err := readPassword(env)
	if err != nil {
		return err
	}
	return withStaff(env, c.Database, func(staff *identity.Staff) error {
		if err := staff.Add(env.ctx, c.Name, password, c.Role); err != nil {
			return err
		}
		return say(env, "Added %s with %s.", c.Name, rolesText(c.Role))
	})
}

type staffList struct{ databaseFlag }

func (c *staffList) Run(env *environment) error {
	return withAccounts(env, c.Database, func(staff *identity.Staff) error {
		accounts, err := staff.List(env.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "USERNAME\tROLES\tSECOND FACTOR\tADDED")
		for _, a := range accounts {
			second := "no"
			if a.Secret != "" {
				second = "yes"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.Username, rolesText(a.Roles), second, a.CreatedAt.Format("2006-01-02"))
		}
		return table.Flush()
	})
}

type staffPasswd struct {
	databaseFlag
	Name string `arg:"" help:"Username."`
}

func (c *staffPasswd) Run(env *environment) error {
	password, err := readPassword(env)
	if err != nil {
		return err
	}
	return withAccounts(env, c.Database, func(staff *identity.Staff) error {
		if err := staff.SetPassword(env.ctx, c.Name, password); err != nil {
			return err
		}
		return say(env, "%s has a new password, and is signed out everywhere.", c.Name)
	})
}

type staffRole struct {
	databaseFlag
	Name string   `arg:"" help:"Username."`
	Role []string `placeholder:"ROLE" xor:"roles" required:"" help:"event_listener, cart_editor, discounter or admin; repeatable."`
	None bool     `xor:"roles" required:"" help:"Take every role away."`
}

func (c *staffRole) Run(env *environment) error {
	return withAccounts(env, c.Database, func(staff *identity.Staff) error {
		if err := staff.SetRoles(env.ctx, c.Name, c.Role); err != nil {
			return err
		}
		return say(env, "%s now has %s.", c.Name, rolesText(c.Role))
	})
}

type staffRemove struct {
	databaseFlag
	Name string `arg:"" help:"Username."`
}

func (c *staffRemove) Run(env *environment) error {
	return withAccounts(env, c.Database, func(staff *identity.Staff) error {
		if err := staff.Remove(env.ctx, c.Name); err != nil {
			return err
		}
		return say(env, "Removed %s.", c.Name)
	})
}

func say(env *environment, format string, args ...any) error {
	_, err := fmt.Fprintf(env.stdout, format+"\n", args...)
	return err
}

func rolesText(roles []string) string {
	if len(roles) == 0 {
		return "no role"
	}
	return strings.Join(roles, ", ")
}

// readPassword reads a line from standard input, without showing it if that is a
// terminal.
func readPassword(env *environment) (string, error) {
	if file, ok := env.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(env.stderr, "Password: ")
		password, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(env.stderr)
		return string(password), err
	}
	// One byte more than a password may have, and a line end.
	line, err := bufio.NewReader(io.LimitReader(env.stdin, shared.MaxPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password from standard input: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", usagef("give the password on standard input")
	}
	return password, nil
}
