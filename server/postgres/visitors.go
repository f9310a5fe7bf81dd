package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"cartline/server/foreign"
	"cartline/shared"
)

// ChannelSessions is the channel on which any application can say that a user's sessions
// have changed; the payload is the user, or empty if it may be anybody's.
const ChannelSessions = "cartline_sessions"

// visitorConns is how many connections there are at most for asking who somebody is.
const visitorConns = 4

// Visitors looks up who the users of an existing application are in its own tables, by a
// query whose $1 is the value of a cookie. It implements foreign.Source. It writes
// nothing, and needs no more than the right to read what the query reads.
type Visitors struct {
	pool   *pgxpool.Pool
	query  string
	cookie string
}

var _ foreign.Source = (*Visitors)(nil)

// OpenVisitors makes a Visitors, which connects when it is first asked. The query returns
// one row for a session that stands, and none for any other: user, roles (text[], or one
// text with commas), and, if it has a third column, when the session expires.
func OpenVisitors(ctx context.Context, dsn, query, cookie string) (*Visitors, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	prepareConfig(config.ConnConfig, "cartline visitors")
	// Nothing is prepared, so that this works through a pooler as well.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.MaxConns = visitorConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return &Visitors{pool: pool, query: query, cookie: cookie}, nil
}

// Close closes the connections.
func (v *Visitors) Close() error { return (&Store{pool: v.pool}).Close() }

// Proof implements foreign.Source.
func (v *Visitors) Proof(r *http.Request) string { return foreign.CookieValue(r, v.cookie) }

// Ask implements foreign.Source.
func (v *Visitors) Ask(ctx context.Context, proof string) (answer foreign.Answer, err error) {
	if !utf8.ValidString(proof) {
		return foreign.Answer{}, nobody()
	}
	err = pgx.BeginTxFunc(ctx, v.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, v.query, proof)
		if err != nil {
			return err
		}
		defer rows.Close()
		answer, err = scanVisitor(rows)
		return err
	})
	if isNoValue(err) { // what the cookie has isn't even of the column's type, like a UUID
		return foreign.Answer{}, nobody()
	}
	return answer, err
}

func scanVisitor(rows pgx.Rows) (foreign.Answer, error) {
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return foreign.Answer{}, err
		}
		return foreign.Answer{}, nobody()
	}
	values, err := rows.Values()
	if err != nil {
		return foreign.Answer{}, err
	}
	if len(values) != 2 && len(values) != 3 {
		return foreign.Answer{}, errors.New("the query returns user, roles and, if it is known, when the session expires: two or three columns")
	}
	values = append(values, nil)
	if values[2] == pgtype.Infinity { // a session without an end, as one that doesn't say
		values[2] = nil
	}
	answer, err := foreign.NewAnswer(values[0], values[1], values[2])
	if err != nil {
		return foreign.Answer{}, fmt.Errorf("the query: %w", err)
	}
	if rows.Next() {
		return foreign.Answer{}, errors.New("the query returns more than one row for a cookie")
	}
	return answer, rows.Err()
}

func nobody() error {
	return &shared.Problem{Code: shared.CodeUnauthorized, Detail: "Sign in first."}
}

// isNoValue tells whether a query failed for the value that it was given: a number out of
// range, for one. Such an error may repeat the value.
func isNoValue(err error) bool { return isOfClass(err, "22") } // data exception

// Mistaken tells whether an error of Ask means that the query itself is wrong, or that
// what it reads isn't there or may not be read.
func Mistaken(err error) bool {
	return isOfClass(err, "42") // syntax error or access rule violation
}

// isOfClass tells whether PostgreSQL refused something with a code of a class:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isOfClass(err error, class string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && strings.HasPrefix(refused.Code, class)
}
