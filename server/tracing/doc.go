// Package tracing follows a change from the HTTP request that makes it to the first
// socket that it is written to, as an OpenTelemetry trace of three spans: the request,
// "publish" where the log is followed, perhaps in another process, and "deliver" up to the
// writing. In between, the trace travels in the activity; see cart.WithTrace.
//
// It sends spans to a collector as OTLP over HTTP, in JSON, and knows nothing of carts but
// where they stand in the log. That sampling, batching and identity are as everyone's, the
// OpenTelemetry SDK sees to; its own exporter would bring gRPC along.
//
// Start with Tracer; export.go sends.
package tracing
