package carttest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"cartline/server/cart"
)

// Benchmark measures committed changes, with as many shoppers at once as there
// are cores, each changing their own cart, and the reading of the log.
func Benchmark(b *testing.B, open func(b *testing.B) Store) {
	b.Run("Change", func(b *testing.B) {
		s := open(b)
		var shoppers atomic.Int64
		b.ResetTimer() // opening is not what is measured
		b.RunParallel(func(pb *testing.PB) {
			which := own(fmt.Sprint("shopper-", shoppers.Add(1)))
			if _, err := s.Change(b.Context(), which, add(mug, 1)); err != nil {
				b.Error(err)
				return
			}
			for pb.Next() {
				if _, err := s.Change(b.Context(), which, raise(mug.SKU)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("After", func(b *testing.B) {
		s := open(b)
		which := own("shopper")
		if _, err := s.Change(b.Context(), which, add(mug, 1)); err != nil {
			b.Fatal(err)
		}
		for range 200 {
			if _, err := s.Change(b.Context(), which, raise(mug.SKU)); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			if _, err := s.After(b.Context(), cart.Position{}, cart.Scope{}, 100); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(100, "activities/op")
	})
}
