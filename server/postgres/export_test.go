package postgres

// For the tests of this package.
var EntriesQuery = entriesQuery

// TrimPart is how many rows are trimmed in one transaction.
const TrimPart = trimPart
