// Package metrics counts, and writes what was counted as Prometheus reads it.
//
// It knows nothing of what is counted. Counting takes no lock on the way of an event: a
// Histogram and the counters of those who write are plain atomics, and whoever asks adds
// them up. Names, helps and where the numbers come from are in the main package's
// observe.go.
//
// Start with Page, which is one answer to a scrape.
package metrics
