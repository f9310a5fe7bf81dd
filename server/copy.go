package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"cartline/server/postgres"
	"cartline/server/sqlite"
	"cartline/server/transfer"
)

// copyCommand moves a store that has outgrown its file.
type copyCommand struct {
	From string `required:"" env:"CARTLINE_COPY_FROM" placeholder:"URL" help:"The database that is copied, sqlite:PATH. No server may run on it; nobody can use it meanwhile. (${env})"`
	To   string `required:"" env:"CARTLINE_COPY_TO" placeholder:"URL" help:"The database that becomes the copy, postgres://USER:PASSWORD@HOST/DATABASE. It is empty, or has the beginning of this copy. (${env})"`
}

func (c *copyCommand) Run(env *environment) (err error) {
	path, err := c.check()
	if err != nil {
		return err
	}
	from, err := sqlite.Freeze(env.ctx, path)
	if err != nil {
		return fmt.Errorf("can't copy %s: %w", path, explainFreeze(err))
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := postgres.OpenCopy(env.ctx, c.To)
	if err != nil {
		return fmt.Errorf("can't copy into the database --to: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	result, err := transfer.Run(env.ctx, from, to, env.tellRows)
	if err != nil {
		return explainCopy(env, err)
	}
	return tellCopied(env, result)
}

// check returns the path of the source.
func (c *copyCommand) check() (path string, err error) {
	rest, isFile := strings.CutPrefix(c.From, "sqlite:")
	if !isFile {
		return "", usagef("--from is sqlite:PATH: a store is copied from SQLite to PostgreSQL; between two PostgreSQL, use pg_dump and pg_restore")
	}
	if path, _, err = parseSQLite(rest); err != nil {
		return "", usagef("--from is sqlite:PATH, like sqlite:data/cartline.db")
	}
	if scheme, _, _ := strings.Cut(c.To, ":"); scheme != "postgres" && scheme != "postgresql" {
		return "", usagef("--to begins with postgres://; to copy a file to a file, use cartline backup")
	}
	if err := postgres.CheckDSN(c.To); err != nil {
		return "", usagef("--to: %w", err)
	}
	return path, nil
}

// explainFreeze says what to do about a source that can't be copied.
func explainFreeze(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, sqlite.ErrInUse):
		return errors.New("it is in use; stop its server first")
	case errors.Is(err, sqlite.ErrForeign):
		return errors.New("it is not a database of Cartline's")
	case errors.Is(err, sqlite.ErrOlder):
		return errors.New("its schema is of an older version; make a backup, then bring it up to date with cartline migrate")
	case errors.Is(err, sqlite.ErrNewer):
		return errors.New("it was made by a newer version of Cartline than this one")
	}
	return err
}

// explainCopy says what to do about a copy that didn't come to its end.
func explainCopy(env *environment, err error) error {
	switch {
	case env.ctx.Err() != nil:
		return errors.New("interrupted; the same command goes on where it was")
	case errors.Is(err, transfer.ErrNotEmpty):
		return fmt.Errorf("the database --to is not empty, and nothing was changed; give a new one (%w)", err)
	case errors.Is(err, transfer.ErrOther):
		return errors.New("the database --to has the beginning of a copy of another database, or of this one before it changed; nothing was changed; give a new one")
	case errors.Is(err, transfer.ErrDiffers):
		return fmt.Errorf("the copy is not to be used; is a server running on it? Make a new database, and copy again (%w)", err)
	}
	return fmt.Errorf("the copy isn't finished; the same command goes on where it was: %w", err)
}

// tellRows tells the person at the terminal how a copy gets on.
func (env *environment) tellRows(step transfer.Step, done, total int64) {
	if total == 0 {
		_, _ = fmt.Fprintf(env.stderr, "%d rows %s\n", done, step) // it is only for comfort
		return
	}
	_, _ = fmt.Fprintf(env.stderr, "%d of %d rows %s\n", done, total, step)
}

func tellCopied(env *environment, result transfer.Result) error {
	table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, stock := range result.Tables {
		fmt.Fprintf(table, "%d\t %s\t\n", stock.Rows, stock.Table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	begun := "Copied"
	if result.Resumed {
		begun = "Went on with a copy that was interrupted, and finished it"
	}
	return say(env, "%s. Every row was compared with its original. Cursors of before are not good here: whoever comes back loads afresh.", begun)
}
