// Package status is the page at /events: the state of the gateway for staff, and
// the feed of events as they come.
//
// What it decides is in plain types that know nothing of a browser and are
// tested natively: model.go is what the page shows and how that changes, history.go
// holds the events, sentence.go puts them into words. status.go is the component that
// joins them, gateway.go draws what is inside, and inspect.go the inspector; the door is
// package signin's, the connection package feed's.
//
// It may not import the server, and reaches it over packages api and feed only.
package status
