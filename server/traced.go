package main

import (
	"time"

	"cartline/server/cart"
	"cartline/server/tracing"
)

// traceFlag says where traces go.
type traceFlag struct {
	TraceEndpoint string `env:"CARTLINE_TRACE_ENDPOINT" placeholder:"URL" help:"Collector of OpenTelemetry traces, by OTLP over HTTP, like http://localhost:4318; off by default. Each change is followed to its delivery, which costs it some time, and its activity says which trace it belongs to. (${env})"`
}

func (c *serveCommand) checkTrace() error {
	if c.TraceEndpoint == "" {
		return nil
	}
	if c.Serve == modeGateway {
		return usagef("--trace-endpoint follows changes from the request that makes them, and --serve gateway has none")
	}
	if err := tracing.CheckEndpoint(c.TraceEndpoint); err != nil {
		return usagef("--trace-endpoint %w", err)
	}
	return nil
}

// newTracer makes what traces, or nil if nothing is to.
func (s *server) newTracer() *tracing.Tracer {
	if s.command.TraceEndpoint == "" {
		return nil
	}
	return tracing.New(s.command.TraceEndpoint, version, processName(), s.logger)
}

// tracesWritten is told of each activity that was written; nil if nobody wants to know.
func (s *server) tracesWritten() func(cart.Position, time.Time) {
	if s.tracer == nil {
		return nil
	}
	return s.tracer.Written
}
