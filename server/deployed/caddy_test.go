package deployed

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// local returns an address of this machine by its name.
func local(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }

func TestCaddy(t *testing.T) {
	t.Parallel()
	address, folder := freeAddress(t), t.TempDir()
	p := startPair(t, "https://"+local(address))
	app, events := p.hosts()
	// For localhost, Caddy signs a certificate itself. The rest keeps it from the ports of
	// the machine, and from the folders of whoever runs the tests.
	options := "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
	file := write(t, folder, "Caddyfile", options+replaced(t, "Caddyfile",
		"shop.example {", local(address)+" {\n\tbind 127.0.0.1", "127.0.0.1:8080", app, "127.0.0.1:8081", events))
	cmd := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	run(t, cmd)
	p.behind(t)
}
