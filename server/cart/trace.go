package cart

import "context"

type traceKey struct{}

// WithTrace has the changes that are made in a context say which trace they belong to, in
// the W3C's traceparent, so that whoever tells of them, perhaps in another process, can go
// on with it.
func WithTrace(ctx context.Context, traceparent string) context.Context {
	return context.WithValue(ctx, traceKey{}, traceparent)
}

func traceOf(ctx context.Context) string {
	traceparent, _ := ctx.Value(traceKey{}).(string)
	return traceparent
}
