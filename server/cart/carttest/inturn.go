package carttest

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Way is one of the ways to do something that are compared.
type Way struct {
	Name string
	// Do does it so many times.
	Do func(times int)
}

// InTurn compares ways with the last of them, within one run: each has its turn in each
// of several rounds, so that whatever else the machine does concerns them alike. It
// reports the medians of the rates, and of the ratios, with their extremes.
//
// Spent tells the processors' time that was taken so far by all who have a part in it.
// That, too, is compared: where the processors are the limit it is what counts, and
// where others use them as well it is the figure to believe.
func InTurn(b *testing.B, rounds, times int, spent func() time.Duration, ways ...Way) {
	rates, costs := make([][]float64, len(ways)), make([][]float64, len(ways))
	rateRatios, costRatios := make([][]float64, len(ways)), make([][]float64, len(ways))
	last := len(ways) - 1
	for b.Loop() {
		for round := range rounds {
			took, cost := make([]float64, len(ways)), make([]float64, len(ways))
			for i := range ways {
				turn := (i + round) % len(ways) // nobody is always first
				began, before := time.Now(), spent()
				ways[turn].Do(times)
				took[turn], cost[turn] = time.Since(began).Seconds(), (spent() - before).Seconds()
			}
			for i := range ways {
				rates[i] = append(rates[i], float64(times)/took[i])
				costs[i] = append(costs[i], cost[i]/float64(times)*1e6)
				rateRatios[i] = append(rateRatios[i], took[last]/took[i])
				costRatios[i] = append(costRatios[i], cost[last]/cost[i])
			}
		}
	}
	b.ReportMetric(0, "ns/op") // an op is all of this, which says nothing
	for i, way := range ways {
		b.ReportMetric(median(rates[i]), way.Name+"/s")
		b.ReportMetric(median(costs[i]), "µs-CPU/"+way.Name)
		if i < last {
			b.ReportMetric(median(rateRatios[i]), way.Name+"-rate")
			b.Logf("%s, of %s: rate %s; by the processors' time %s", way.Name, ways[last].Name, spread(rateRatios[i]), spread(costRatios[i]))
		}
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func spread(ratios []float64) string {
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", 100*median(ratios), 100*slices.Min(ratios), 100*slices.Max(ratios))
}
