package deployed

import (
	"os/exec"
	"testing"

	"cartline/server/internal/testenv"
)

// nginxWith starts nginx with a file of rules.
func nginxWith(t *testing.T, folder, rules string) {
	t.Helper()
	main := write(t, folder, "nginx.conf", `daemon off;
master_process off; # one process, which ends as it is told to
pid `+folder+`/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path `+folder+`;
    proxy_temp_path `+folder+`;
    fastcgi_temp_path `+folder+`;
    uwsgi_temp_path `+folder+`;
    scgi_temp_path `+folder+`;
    include `+write(t, folder, "rules.conf", rules)+`;
}
`)
	path, err := exec.LookPath("/usr/sbin/nginx") // not in everybody's PATH
	if err != nil {
		path = "nginx"
	}
	run(t, exec.Command(path, "-e", "stderr", "-p", folder, "-c", main))
}

func TestNginx(t *testing.T) {
	t.Parallel()
	address, plain, folder := testenv.FreeAddress(t), testenv.FreeAddress(t), t.TempDir()
	p := startPair(t, "https://"+local(address))
	cert, key := certificate(t, folder)
	app, events := p.hosts()
	nginxWith(t, folder, replaced(t, "nginx.conf",
		"127.0.0.1:8080", app, "127.0.0.1:8081", events,
		"listen 443 ssl", "listen "+address+" ssl", "listen 80", "listen "+plain,
		"shop.example;", "localhost;",
		"/etc/ssl/shop.example.pem", cert, "/etc/ssl/shop.example.key", key,
		"60s", idle))
	p.behind(t)
}
