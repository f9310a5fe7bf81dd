package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/httplog"
)

const (
	// flushEvery is how often spans are sent, and exportTimeout how long that may take. More
	// than the SDK's queue holds is dropped.
	flushEvery    = time.Second
	exportTimeout = 5 * time.Second
	// maxUndelivered bounds the changes of which it is remembered that nobody was written
	// them yet; of most, somebody is within milliseconds, and of some nobody ever.
	maxUndelivered = 1024
)

// Tracer makes spans while it runs. A nil Tracer does nothing.
type Tracer struct {
	exporter *exporter
	resource *resource.Resource
	logger   *slog.Logger
	tracer   atomic.Pointer[trace.Tracer] // nil unless it runs

	mu          sync.Mutex
	undelivered map[cart.Position]trace.Span
	order       []cart.Position // of those, and of some that were delivered
}

// CheckEndpoint says what is wrong with the address of a collector.
func CheckEndpoint(endpoint string) error {
	address, err := url.Parse(endpoint)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" || address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		return errors.New("is the address of a collector that takes OTLP over HTTP, like http://localhost:4318, without a name, password or query in it")
	}
	return nil
}

// New makes a tracer that sends to the collector at an endpoint, as this version and
// process of the program. It does nothing until Run.
func New(endpoint, version, process string, logger *slog.Logger) *Tracer {
	return &Tracer{
		exporter: newExporter(endpoint, logger),
		resource: resource.NewSchemaless(
			attribute.String("service.name", "cartline"),
			attribute.String("service.version", version),
			attribute.String("service.instance.id", process)),
		logger:      logger,
		undelivered: make(map[cart.Position]trace.Span),
	}
}

// Run makes and sends spans until the context ends, and then what is left.
func (t *Tracer) Run(ctx context.Context) {
	if t == nil {
		return
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(t.resource),
		sdktrace.WithBatcher(t.exporter, sdktrace.WithBatchTimeout(flushEvery), sdktrace.WithExportTimeout(exportTimeout)))
	tracer := provider.Tracer("cartline")
	t.tracer.Store(&tracer)
	<-ctx.Done()
	t.tracer.Store(nil)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
	defer cancel()
	if err := provider.Shutdown(last); err != nil {
		t.logger.Warn("the last traces could not be sent", "error", err)
	}
	t.exporter.client.CloseIdleConnections()
}

// format is how a trace travels, in HTTP as in an activity (W3C Trace Context).
var format propagation.TraceContext

const header = "traceparent"

// Handler makes a span of each request that may change something. A trace that a client
// says it belongs to isn't believed: whoever may read traces shouldn't find a stranger's
// in them.
func (t *Tracer) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracer := t.tracer.Load()
		if tracer == nil || r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		ctx, span := (*tracer).Start(r.Context(), "request", trace.WithSpanKind(trace.SpanKindServer))
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if route := httplog.Route(r); route != "" {
				span.SetName(route)
				span.SetAttributes(attribute.String("http.route", route))
			}
			span.SetAttributes(attribute.Int("http.response.status_code", answer.status), attribute.String("cartline.request", httplog.RequestID(r)))
			if answer.status >= 500 {
				span.SetStatus(codes.Error, "")
			}
			span.End()
		}()
		carrier := propagation.MapCarrier{}
		format.Inject(ctx, carrier)
		next.ServeHTTP(answer, r.WithContext(cart.WithTrace(ctx, carrier[header])))
	})
}

// answer notes the status.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Follow makes a span of each entry that a follower is told and that belongs to a trace.
func (t *Tracer) Follow(next event.Follower) event.Follower {
	if t == nil {
		return next
	}
	return follower{next, t}
}

type follower struct {
	event.Follower
	tracer *Tracer
}

// Publish implements event.Follower.
func (f follower) Publish(entry cart.Entry) {
	tracer := f.tracer.tracer.Load()
	var activity struct {
		Trace string `json:"trace"`
	}
	if tracer == nil || json.Unmarshal(entry.Activity, &activity) != nil || activity.Trace == "" {
		f.Follower.Publish(entry)
		return
	}
	ctx := format.Extract(context.Background(), propagation.MapCarrier{header: activity.Trace})
	ctx, span := (*tracer).Start(ctx, "publish", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("cartline.cart", entry.CartID),
		attribute.String("cartline.kind", string(entry.Kind)),
		attribute.String("cartline.cursor", entry.Position.Cursor())))
	defer span.End()
	_, delivery := (*tracer).Start(ctx, "deliver", trace.WithSpanKind(trace.SpanKindProducer))
	f.tracer.await(entry.Position, delivery)
	f.Follower.Publish(entry)
}

// await remembers the delivery of what is at a position.
func (t *Tracer) await(position cart.Position, delivery trace.Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.undelivered[position] = delivery
	t.order = append(t.order, position)
	if len(t.order) > maxUndelivered {
		delete(t.undelivered, t.order[0]) // nobody listened
		t.order = t.order[1:]
	}
}

// Written says that what is at a position was written to a socket. The first time counts.
func (t *Tracer) Written(position cart.Position, at time.Time) {
	t.mu.Lock()
	delivery, waits := t.undelivered[position]
	delete(t.undelivered, position)
	t.mu.Unlock()
	if waits {
		delivery.End(trace.WithTimestamp(at))
	}
}
