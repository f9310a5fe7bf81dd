package main

import (
	"math"
	"slices"
)

// median returns the middle of some numbers, NaN of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(numbers))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// spread is what became of several rounds.
type spread struct {
	Median, Min, Max float64
	Rounds           int
}

// spreadOf sums numbers up.
func spreadOf(numbers []float64) spread {
	if len(numbers) == 0 {
		return spread{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	}
	return spread{Median: median(numbers), Min: slices.Min(numbers), Max: slices.Max(numbers), Rounds: len(numbers)}
}
