package event

// Replayed says whether a delivery was made for its subscriber alone, to catch up.
func Replayed(d Delivery) bool { return d.alone }
