package deployed

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRulesAgree: Traefik's rules are the same as labels and in a file.
func TestRulesAgree(t *testing.T) {
	t.Parallel()
	rules := replaced(t, "traefik-rules.yml", "`shop.example`", "`${CARTLINE_HOST}`")
	compose := replaced(t, "compose.yml")
	for _, router := range []string{"events", "app"} {
		found := regexp.MustCompile(`(?s)cartline-` + router + `:\s+rule: (".*?")\s+priority: (\d+)\s+entryPoints: \[(\w+)\]`).FindStringSubmatch(rules)
		if found == nil {
			t.Fatalf("the file has no router %s", router)
		}
		for label, want := range map[string]string{"rule": found[1], "priority": `"` + found[2] + `"`, "entrypoints": found[3]} {
			if line := "traefik.http.routers.cartline-" + router + "." + label + ": " + want + "\n"; !strings.Contains(compose, line) {
				t.Errorf("compose.yml has no %s", line)
			}
		}
	}
}

// TestSamePaths: all proxies lead the same paths to the process with the sockets, and the
// documentation says so.
func TestSamePaths(t *testing.T) {
	t.Parallel()
	want := []string{"/api/gateway", "/api/handshake", "/echo", "/events"}
	nginx := regexp.MustCompile(`location ~ \^/\(([^)]*)\)`).FindStringSubmatch(replaced(t, "nginx.conf"))
	caddy := regexp.MustCompile(`@events path (.*)`).FindStringSubmatch(replaced(t, "Caddyfile"))
	traefik := regexp.MustCompile(`(?m)rule: "Host\(.*?\) && \((.*)\)"$`).FindStringSubmatch(replaced(t, "traefik-rules.yml"))
	if nginx == nil || caddy == nil || traefik == nil {
		t.Fatalf("got %q, %q, %q", nginx, caddy, traefik)
	}
	deploying := regexp.MustCompile(`\*\*Paths\.\*\* (.*), with what is below them`).FindStringSubmatch(replaced(t, "../docs/deploying.md"))
	configuration := regexp.MustCompile("(?s)The proxy leads (.*?)\\sto\\s`events`").FindStringSubmatch(replaced(t, "../docs/configuration.md"))
	if deploying == nil || configuration == nil {
		t.Fatalf("got %q, %q", deploying, configuration)
	}
	paths := regexp.MustCompile(`/[a-z/]*[a-z]`)
	for name, got := range map[string][]string{
		"deploying.md":      paths.FindAllString(deploying[1], -1),
		"configuration.md":  paths.FindAllString(configuration[1], -1),
		"nginx.conf":        strings.Split("/"+strings.ReplaceAll(nginx[1], "|", "|/"), "|"),
		"Caddyfile":         strings.Fields(strings.ReplaceAll(caddy[1], "/*", "")),
		"traefik-rules.yml": paths.FindAllString(traefik[1], -1),
	} {
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s leads %q, want %q", name, got, want)
		}
	}
}
