//go:build linux

package main

import (
	"context"
	"time"
)

// scenario is one thing that is measured of several servers.
type scenario struct {
	name  string // in flags, and in the files that are written
	title string // for people
	about string // what is done, in a sentence or two
	// contenders are measured in this order, and baseline is the name of the one that
	// the others are compared with.
	contenders []contender
	baseline   string
	beside     string // the baseline's name in the table's head
	columns    []column
	// once says that one round is enough, as chance has no part in it, and together
	// that all servers may have their turn at the same time, as they do nothing.
	once, together bool
	// takes is how long measuring one server takes, besides starting and ending it.
	takes func(b *bench) time.Duration
	// oneCore says that servers are kept on one processor.
	oneCore bool
	// measure measures one server, by the names of the columns.
	measure func(ctx context.Context, b *bench, c contender) (values, error)
}

// values are what one measurement has found, by the names of the columns.
type values map[string]float64

// column is one figure of a scenario.
type column struct {
	name   string
	title  string
	digits int
	// ratio says that it is also shown beside the baseline's of the same round.
	ratio bool
	// spread says that the least and the most of all rounds are shown.
	spread bool
}

// scenarios are all there is, in the order of the report.
func scenarios() []scenario {
	var all []scenario
	all = append(all, fanOuts()...)
	all = append(all, echoes()...)
	all = append(all, idles()...)
	return append(all, paths(), perDelivery(), interest())
}
