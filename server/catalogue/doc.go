// Package catalogue reads and writes the products of a shop as files: CSV, for
// spreadsheets, and JSON lines, for programs.
//
// A file is read whole and checked whole before the caller gets anything of it, and
// what is wrong is told by line and column. What Write has written, Read gives back
// exactly. The package does no I/O but on the reader or writer that it is given, and
// knows nothing of databases.
//
// Start with Read and Write in catalogue.go; rules.go says what a product has to be
// like.
package catalogue
