//go:build traefik

package deployed

import (
	"os"
	"os/exec"
	"testing"
)

// TestTraefik needs the binary that TRAEFIK_BINARY names; "make test-traefik" builds one.
func TestTraefik(t *testing.T) {
	path := os.Getenv("TRAEFIK_BINARY")
	if path == "" {
		t.Fatal("TRAEFIK_BINARY names no Traefik; run make test-traefik")
	}
	address, plain, folder := freeAddress(t), freeAddress(t), t.TempDir()
	p := startPair(t, "https://"+local(address))
	cert, key := certificate(t, folder)
	app, events := p.hosts()
	rules := write(t, folder, "rules.yml", replaced(t, "traefik-rules.yml",
		"127.0.0.1:8080", app, "127.0.0.1:8081", events, "`shop.example`", "`localhost`",
		"/etc/ssl/shop.example.pem", cert, "/etc/ssl/shop.example.key", key))
	settings := write(t, folder, "traefik.yml", replaced(t, "traefik.yml",
		`":80"`, `"`+plain+`"`, "/etc/traefik/rules.yml", rules,
		`":443"`, `"`+address+`"
    transport:
      respondingTimeouts:
        readTimeout: `+idle+`
        idleTimeout: `+idle)+`
global:
  checkNewVersion: false
  sendAnonymousUsage: false
`)
	run(t, exec.Command(path, "--configFile="+settings))
	p.behind(t)
}
