package console

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cartline/app/api"
	"cartline/shared"
)

// refusal is why a connection could not be opened.
type refusal struct {
	text string
	// signIn is set if signing in would help.
	signIn bool
}

// asking is the part of api.Client that tells what browsers hide.
type asking interface {
	Handshake(ctx context.Context, path string) (shared.Handshake, error)
}

// explain finds out why a connection could not be opened. Browsers tell no page
// why (WHATWG WebSockets, "feedback from the protocol"), so our own server is
// asked over HTTP, and of others the likely causes are named.
func explain(ctx context.Context, from site, to address, offered []string, server asking) refusal {
	if !to.own {
		return refusal{text: likely(from, to, offered)}
	}
	path := to.path
	if to.query != "" {
		path += "?" + to.query
	}
	_, err := server.Handshake(ctx, path)
	var problem *shared.Problem
	switch {
	case err == nil && len(offered) > 0:
		return refusal{text: "This server takes none of the sub-protocols that are offered, and browsers give up then. See Options."}
	case err == nil:
		return refusal{text: "This server would take the connection, but it could not be opened. A proxy in between may not pass WebSockets on."}
	case errors.As(err, &problem):
		signIn := problem.Status == 401 || problem.Status == 403 && to.path == pathEvents
		return refusal{text: problem.Detail, signIn: signIn}
	case errors.Is(err, api.ErrUnreachable):
		return refusal{text: "This server can't be reached. Is it still running?"}
	default:
		return refusal{text: "The connection could not be opened, and this server's explanation can't be read."}
	}
}

func likely(from site, to address, offered []string) string {
	causes := []string{
		"nothing listens there",
		fmt.Sprintf("it doesn't let pages of %s in", from.origin()),
	}
	if len(offered) > 0 {
		causes = append(causes, "it takes none of the sub-protocols that are offered")
	}
	if to.secure {
		causes = append(causes, "its certificate isn't trusted")
	} else if from.scheme == "https" {
		causes = append(causes, "browsers keep pages that came over https from ws:// addresses (try wss://)")
	}
	last := len(causes) - 1
	return fmt.Sprintf("Could not connect to %s. Browsers don't tell why; likely %s, or %s.",
		to.host, strings.Join(causes[:last], ", "), causes[last])
}
