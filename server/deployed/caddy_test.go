package deployed

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
)

// local returns an address of this machine by its name.
func local(address string) string { return strings.Replace(address, "127.0.0.1", "localhost", 1) }

// caddyWith starts Caddy with a file of rules. What is told besides keeps it from the ports
// of the machine, and from the folders of whoever runs the tests.
func caddyWith(t *testing.T, folder, rules string) {
	t.Helper()
	const options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
	cmd := exec.Command("caddy", "run", "--config", write(t, folder, "Caddyfile", options+rules), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	run(t, cmd)
}

func TestCaddy(t *testing.T) {
	t.Parallel()
	address := testenv.FreeAddress(t)
	p := startPair(t, "https://"+local(address))
	app, events := p.hosts()
	// For localhost, Caddy signs a certificate itself.
	caddyWith(t, t.TempDir(), replaced(t, "Caddyfile",
		"shop.example {", local(address)+" {\n\tbind 127.0.0.1", "127.0.0.1:8080", app, "127.0.0.1:8081", events))
	p.behind(t)
}
