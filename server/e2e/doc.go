// Package e2e drives the program as it ships with a real browser, and with
// clients that know nothing of its code: both pages from the first load to a
// lost server, on SQLite and PostgreSQL, the pages of the two articles that
// began it all, and the echo's conformance with RFC 6455.
//
// It has tests only, and they may call no code of the server but the binary,
// which "make build" makes and [cartline/server/internal/testenv] finds. What
// can be tested without a browser is tested in the package that it belongs to.
// Nothing here sleeps: everything waits for a condition, with a deadline.
//
// With CARTLINE_SCREENSHOTS set to a folder, pictures of the pages are left
// there.
//
// Start reading at console_test.go; the console's folded parts have files of their own,
// like faults_test.go and lab_test.go. help_test.go has what the tests share,
// front_test.go the reverse proxy with which they disturb what is loaded, and
// cut_test.go what becomes of the pages when the line breaks.
package e2e
