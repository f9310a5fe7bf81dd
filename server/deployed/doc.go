// Package deployed runs the program behind the proxies that deploy/ has files for, with
// those very files: only addresses, the names of certificates, and times are replaced.
//
// It has tests only. nginx and Caddy come from Debian's packages; Traefik is built from its
// sources, which "make test-traefik" does, so its test has a build tag. Start reading at
// proxy_test.go, which has what each of them must do; nginx_test.go and its like say how
// each is started, and prefix_test.go and below_test.go look at what is below a path.
package deployed
