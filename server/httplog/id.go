package httplog

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
)

// HeaderID is the header of an answer that tells the request's id.
const HeaderID = "X-Request-Id"

// alphabet has no letters that are taken for digits or for each other when they are read
// out (Crockford's Base32).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID makes an id that a person can read out on the phone, like K7QF-2M9D. It is no
// secret. What a client sends as an id isn't taken for one: it could be another's, or
// anything.
func newID() string {
	bits := rand.Uint64()
	var id [9]byte
	for i := range id {
		if i == 4 {
			id[i] = '-'
			continue
		}
		id[i] = alphabet[bits%uint64(len(alphabet))]
		bits /= uint64(len(alphabet))
	}
	return string(id[:])
}

// RequestID returns the id of a request, or "" if no Handler is around it.
func RequestID(r *http.Request) string { return idOf(r.Context()) }

func idOf(ctx context.Context) string {
	if request, ok := ctx.Value(contextKey{}).(*request); ok {
		return request.id
	}
	return ""
}

// WithID makes a handler of log lines that adds the id of the request in whose context a
// line is written, where it isn't said already.
func WithID(next slog.Handler) slog.Handler { return withID{next} }

type withID struct{ slog.Handler }

// Handle implements slog.Handler.
func (h withID) Handle(ctx context.Context, record slog.Record) error {
	id, said := idOf(ctx), false
	record.Attrs(func(a slog.Attr) bool {
		said = a.Key == "request"
		return !said
	})
	if id != "" && !said {
		record = record.Clone()
		record.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs and WithGroup implement slog.Handler.
func (h withID) WithAttrs(attrs []slog.Attr) slog.Handler { return withID{h.Handler.WithAttrs(attrs)} }
func (h withID) WithGroup(name string) slog.Handler       { return withID{h.Handler.WithGroup(name)} }
