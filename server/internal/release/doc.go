// Package release is what build.sh dist needs besides compiling: it writes down which
// modules are in each binary, and looks at all that was made, before anybody gets it.
//
// Start with Check in check.go; list.go makes the lists.
package release
