package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"cartline/server/sqlite"
)

// backupCommand copies the database.
type backupCommand struct {
	databaseFlag
	File string `arg:"" help:"File to be made. There must be none of this name yet."`
}

// restoreCommand makes a copy the database.
type restoreCommand struct {
	databaseFlag
	File    string `arg:"" help:"File that cartline backup has made."`
	Replace bool   `help:"Put aside the database that is there, under a name with the time. Stop its server first."`
}

func (c *backupCommand) Run(env *environment) error {
	path, err := c.file("pg_dump")
	if err != nil {
		return err
	}
	if err := checkExists(c.Database); err != nil {
		return err
	}
	size, err := sqlite.Backup(env.ctx, path, c.File, env.tellProgress)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("there is a file %s already, which is not overwritten", c.File)
	case errors.Is(err, sqlite.ErrForeign):
		return fmt.Errorf("%s is not a database of Cartline's", path)
	case err != nil:
		return fmt.Errorf("can't back up: %w", err)
	}
	_, err = fmt.Fprintf(env.stdout, "%s has a copy of the database, %s.\n", c.File, megabytes(size))
	return err
}

func (c *restoreCommand) Run(env *environment) error {
	path, err := c.file("pg_restore")
	if err != nil {
		return err
	}
	aside, err := sqlite.Restore(env.ctx, c.File, path, c.Replace, env.tellProgress)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("there is a database %s already, or something that was left of one beside it; --replace puts it aside", path)
	case errors.Is(err, sqlite.ErrInUse):
		return fmt.Errorf("%s is in use: stop its server first", path)
	case errors.Is(err, sqlite.ErrForeign):
		return fmt.Errorf("%s is not a backup of Cartline's", c.File)
	case errors.Is(err, sqlite.ErrNewer):
		return fmt.Errorf("%s was made by a newer version of Cartline than this one", c.File)
	case err != nil:
		return fmt.Errorf("can't restore: %w", err)
	}
	said := fmt.Sprintf("%s is what %s holds.\n", path, c.File)
	if aside != "" {
		said += fmt.Sprintf("What it was before has names that begin with %s.\n", aside)
	}
	_, err = fmt.Fprint(env.stdout, said)
	return err
}

// file returns the path of the SQLite file, or else names what does the same for
// PostgreSQL.
func (f databaseFlag) file(instead string) (string, error) {
	scheme, rest, _ := strings.Cut(f.Database, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		return "", usagef("this is for SQLite alone; with PostgreSQL, use its %s", instead)
	case scheme != "sqlite":
		return "", errNoScheme
	}
	path, _, err := parseSQLite(rest)
	return path, err
}

// tellProgress tells the person at the terminal, now and then, that something goes on.
func (env *environment) tellProgress(written, total int64) {
	_, _ = fmt.Fprintf(env.stderr, "%s of about %s\n", megabytes(written), megabytes(total)) // it is only for comfort
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
