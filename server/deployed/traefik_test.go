//go:build traefik

package deployed

import (
	"os"
	"os/exec"
	"testing"

	"cartline/server/internal/testenv"
)

// traefikWith starts Traefik with its settings. It needs the binary that TRAEFIK_BINARY
// names; "make test-traefik" builds one.
func traefikWith(t *testing.T, folder, settings string) {
	t.Helper()
	path := os.Getenv("TRAEFIK_BINARY")
	if path == "" {
		t.Fatal("TRAEFIK_BINARY names no Traefik; run make test-traefik")
	}
	file := write(t, folder, "traefik.yml", settings+`
global:
  checkNewVersion: false
  sendAnonymousUsage: false
`)
	run(t, exec.Command(path, "--configFile="+file))
}

func TestTraefik(t *testing.T) {
	address, plain, folder := testenv.FreeAddress(t), testenv.FreeAddress(t), t.TempDir()
	p := startPair(t, "https://"+local(address))
	cert, key := certificate(t, folder)
	app, events := p.hosts()
	rules := write(t, folder, "rules.yml", replaced(t, "traefik-rules.yml",
		"127.0.0.1:8080", app, "127.0.0.1:8081", events, "`shop.example`", "`localhost`",
		"/etc/ssl/shop.example.pem", cert, "/etc/ssl/shop.example.key", key))
	traefikWith(t, folder, replaced(t, "traefik.yml",
		`":80"`, `"`+plain+`"`, "/etc/traefik/rules.yml", rules,
		`":443"`, `"`+address+`"
    transport:
      respondingTimeouts:
        readTimeout: `+idle+`
        idleTimeout: `+idle))
	p.behind(t)
}

// TestTraefikBelow is TestBelow for Traefik, which takes the path off.
func TestTraefikBelow(t *testing.T) {
	below(t, "http", func(t *testing.T, address, server string) {
		folder := t.TempDir()
		rules := write(t, folder, "rules.yml", "http:\n"+
			"  routers: {live: {rule: 'Path(`/live`) || PathPrefix(`/live/`)', middlewares: [slash, off], service: live}}\n"+
			"  services: {live: {loadBalancer: {servers: [{url: 'http://"+server+"'}]}}}\n"+
			"  middlewares:\n"+
			"    slash: {redirectRegex: {regex: '^(https?://[^/]+/live)$', replacement: '${1}/'}}\n"+
			"    off: {stripPrefix: {prefixes: [/live]}}\n")
		traefikWith(t, folder, "entryPoints: {web: {address: '"+address+"'}}\nproviders: {file: {filename: "+rules+"}}\n")
	})
}
