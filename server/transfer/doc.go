// Package transfer moves all that a store keeps from one database into another, of
// another kind: whole, in order, compared at the end, and going on where it was
// interrupted.
//
// It knows tables and rows, and neither SQL nor what the rows mean. What it asks of the
// databases are the interfaces Source and Target; package sqlite has the one, package
// postgres the other, each in its copy.go.
//
// Start with Run in run.go; tables.go says what is moved, and what not and why.
package transfer
