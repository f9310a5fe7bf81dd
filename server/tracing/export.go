package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// exporter sends spans as OTLP over HTTP, in JSON (OTLP 1.0, "OTLP/HTTP, JSON Protobuf
// encoding").
type exporter struct {
	url     string
	client  *http.Client
	logger  *slog.Logger
	failing atomic.Bool // the last attempt has failed
}

func newExporter(endpoint string, logger *slog.Logger) *exporter {
	return &exporter{
		url: strings.TrimRight(endpoint, "/") + "/v1/traces",
		client: &http.Client{
			Timeout:       exportTimeout,
			Transport:     &http.Transport{MaxIdleConns: 1},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		logger: logger,
	}
}

// ExportSpans implements sdktrace.SpanExporter. Spans that can't be sent are lost, which is
// logged when it begins: a collector that is away must cost nobody anything.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	err := e.send(ctx, spans)
	switch was := e.failing.Swap(err != nil); {
	case err != nil && !was:
		e.logger.Warn("traces can't be sent, and are lost", "to", e.url, "error", err)
	case err == nil && was:
		e.logger.Info("traces can be sent again")
	}
	return nil
}

// Shutdown implements sdktrace.SpanExporter.
func (e *exporter) Shutdown(context.Context) error { return nil }

func (e *exporter) send(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	body, err := json.Marshal(export(spans))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := e.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	const enough = 64 << 10 // so that the connection can be used again
	if _, err := io.CopyN(io.Discard, answer.Body, enough); err != nil && err != io.EOF {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the collector answers with status %d", answer.StatusCode)
	}
	return nil
}

// The message, as far as it is used here: opentelemetry/proto/collector/trace/v1, where
// numbers of 64 bits are strings in JSON, and ids are hexadecimal.
type (
	exportRequest struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resourceOf   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resourceOf struct {
		Attributes []keyValue `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID      string     `json:"traceId"`
		SpanID       string     `json:"spanId"`
		ParentSpanID string     `json:"parentSpanId,omitempty"`
		Name         string     `json:"name"`
		Kind         int        `json:"kind"`
		Start        string     `json:"startTimeUnixNano"`
		End          string     `json:"endTimeUnixNano"`
		Attributes   []keyValue `json:"attributes,omitempty"`
		Status       status     `json:"status"`
	}
	status struct {
		Code int `json:"code,omitempty"`
	}
	keyValue struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String *string `json:"stringValue,omitempty"`
		Int    *string `json:"intValue,omitempty"`
	}
)

// statusError is STATUS_CODE_ERROR.
const statusError = 2

// export makes the message of spans, which all have the one resource and scope of ours.
func export(spans []sdktrace.ReadOnlySpan) exportRequest {
	made := make([]span, 0, len(spans))
	for _, s := range spans {
		one := span{
			TraceID:    s.SpanContext().TraceID().String(),
			SpanID:     s.SpanContext().SpanID().String(),
			Name:       s.Name(),
			Kind:       int(s.SpanKind()), // which has the same numbers
			Start:      nanos(s.StartTime()),
			End:        nanos(s.EndTime()),
			Attributes: attributes(s.Attributes()),
		}
		if s.Parent().HasSpanID() {
			one.ParentSpanID = s.Parent().SpanID().String()
		}
		if s.Status().Code == codes.Error {
			one.Status.Code = statusError
		}
		made = append(made, one)
	}
	return exportRequest{[]resourceSpans{{
		Resource:   resourceOf{attributes(spans[0].Resource().Attributes())},
		ScopeSpans: []scopeSpans{{scope{spans[0].InstrumentationScope().Name}, made}},
	}}}
}

func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

func attributes(all []attribute.KeyValue) []keyValue {
	made := make([]keyValue, 0, len(all))
	for _, a := range all {
		text := a.Value.String()
		one := keyValue{Key: string(a.Key)}
		if a.Value.Type() == attribute.INT64 {
			one.Value.Int = &text
		} else {
			one.Value.String = &text
		}
		made = append(made, one)
	}
	return made
}
