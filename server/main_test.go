package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// flag is a flag of serving, as it is declared.
type flag struct{ name, twin, help, fallback string }

// words are where a name in Go is taken apart: TLSCert is tls-cert.
var words = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`)

// serveFlags lists all flags of serving, whichever struct has them.
func serveFlags(t *testing.T) (flags []flag) {
	t.Helper()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[serveCommand]()) {
		if field.Anonymous || !field.IsExported() {
			continue // its fields are listed as well, or it is none
		}
		f := flag{"--" + strings.ToLower(words.ReplaceAllString(field.Name, "$1$3-$2$4")), field.Tag.Get("env"), strings.ReplaceAll(field.Tag.Get("help"), "$$", "$"), field.Tag.Get("default")}
		if want := "CARTLINE_" + strings.ReplaceAll(strings.ToUpper(f.name[2:]), "-", "_"); f.twin != want {
			t.Errorf("%s: got twin %q, want %s", f.name, f.twin, want)
		}
		if _, negatable := field.Tag.Lookup("negatable"); negatable {
			f.name = "--[no-]" + f.name[2:]
		}
		flags = append(flags, f)
	}
	if len(flags) < 60 {
		t.Errorf("found %d flags only", len(flags))
	}
	return flags
}

// TestHelp finds every flag in the help, with what it is for, its twin in the
// environment, and its default.
func TestHelp(t *testing.T) {
	help := strings.Join(strings.Fields(must(t, "", "--help")), " ")
	for _, f := range serveFlags(t) {
		sentence, _, _ := strings.Cut(f.help, ". ")
		for _, want := range []string{f.name, f.twin, sentence, f.fallback} {
			if !strings.Contains(help, want) {
				t.Errorf("%s: the help lacks %q", f.name, want)
			}
		}
		if len(sentence) < 10 {
			t.Errorf("%s: the help says no more than %q", f.name, sentence)
		}
	}
	for _, command := range []string{"serve", "staff add", "staff list", "staff passwd", "staff role", "staff totp", "staff remove", "customer list", "customer export", "customer erase", "copy", "migrate", "version"} {
		if !strings.Contains(help, command) {
			t.Errorf("the help lacks %s", command)
		}
		own := must(t, "", append(strings.Fields(command), "--help")...)
		if !strings.Contains(own, "Usage: cartline "+command) {
			t.Errorf("%s --help: got %s", command, own)
		}
	}
	if short := must(t, "", "-h"); short != must(t, "", "--help") {
		t.Errorf("-h: got %s", short)
	}
}

// TestFlagsAreDocumented finds every flag in the table of docs/configuration.md, with its
// twin and its default, and there none that isn't one.
func TestFlagsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]string) // by flag
	for _, row := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)[^`]*` \\| `(CARTLINE_[A-Z_]+)` \\| ([^|]*)\\|").FindAllStringSubmatch(string(page), -1) {
		rows[row[1]] = row[2:]
	}
	for _, f := range serveFlags(t) {
		name := strings.Replace(f.name, "[no-]", "", 1)
		row, ok := rows[name]
		delete(rows, name)
		switch {
		case !ok:
			t.Errorf("%s has no row", name)
		case row[0] != f.twin:
			t.Errorf("%s: got twin %s, want %s", name, row[0], f.twin)
		case f.fallback != "" && f.fallback != "true" && strings.NewReplacer("`", "", " ", "").Replace(row[1]) != f.fallback:
			t.Errorf("%s: got default %s, want %s", name, row[1], f.fallback)
		}
	}
	for name := range rows {
		t.Errorf("%s is no flag", name)
	}
}

func TestVersion(t *testing.T) {
	if got := must(t, "", "version"); !regexp.MustCompile(`^cartline dev \(go\S+.*\)\n$`).MatchString(got) {
		t.Errorf("got %q", got)
	}
}

// TestUsage has each mistake answered with one line that names it, and status 2.
func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args string
		env  string
		says string
	}{
		{args: "--nope", says: "--nope"},
		{args: "nope", says: "nope"},
		{args: "staff", says: "add"},
		{args: "staff add", says: "name"},
		{args: "staff role ann", says: "--role"},
		{args: "staff role ann --role admin --none", says: "--none"},
		{args: "--listen nowhere", says: "--listen"},
		{args: "--listen localhost:99999", says: "--listen"},
		{args: "--listen localhost:nowhere", says: "--listen"},
		{args: "--listen localhost:", says: "--listen"},
		{env: "CARTLINE_LISTEN=nowhere", says: "--listen"},
		{args: "--metrics-listen nowhere", says: "--metrics-listen"},
		{args: "--metrics-listen localhost:99999", says: "--metrics-listen"},
		{env: "CARTLINE_METRICS_LISTEN=6060", says: "--metrics-listen"},
		{args: "--database mysql://ann:secret@host/shop", says: "--database"},
		{args: "--database sqlite:", says: "--database"},
		{args: "--database sqlite::memory:", says: "--database"},
		{args: "--database sqlite:?synchronous=normal", says: "PATH"},
		{args: "--database sqlite:c.db?synchronous=off", says: "synchronous"},
		{args: "--database sqlite:c.db?synchronous", says: "synchronous"},
		{args: "--database sqlite:c.db?synchronous=normal&synchronous=full", says: "synchronous"},
		{args: "--database sqlite:c.db?synchronous=normal&cache=shared", says: "synchronous"},
		{args: "--database sqlite:c.db?%zz", says: "synchronous"},
		{args: "--database sqlite:c.db?", says: "synchronous"},
		{args: "staff list --database sqlite:c.db?cache=shared", says: "synchronous"},
		{args: "backup copy.db --database sqlite:c.db?cache=shared", says: "synchronous"},
		{args: "--database postgres://ann:secret@host:port/shop", says: "--database"},
		{args: "migrate --database nothing", says: "--database"},
		{args: "staff list --database nothing", says: "--database"},
		{env: "CARTLINE_DATABASE=ann:secret", says: "--database"},
		{args: "--echo-limit 0", says: "--echo-limit"},
		{args: "--echo-limit -1", says: "--echo-limit"},
		{args: "--echo-limit 1073741825", says: "--echo-limit"},
		{args: "--echo-limit 1MB", says: "--echo-limit"},
		{env: "CARTLINE_ECHO_LIMIT=much", says: "CARTLINE_ECHO_LIMIT"},
		{args: "--echo-faults=maybe", says: "--echo-faults"},
		{env: "CARTLINE_ECHO_FAULTS=maybe", says: "CARTLINE_ECHO_FAULTS"},
		{args: "--max-connections -1", says: "--max-connections"},
		{args: "--max-connections-per-address -1", says: "--max-connections-per-address"},
		{args: "--max-connections-per-user -1", says: "--max-connections-per-user"},
		{args: "--handshake-rate -1", says: "--handshake-rate"},
		{args: "--message-rate -1", says: "--message-rate"},
		{args: "--message-rate 0.5", says: "--message-rate"},
		{args: "--drain=-1s", says: "--drain"},
		{args: "--drain 11m", says: "--drain"},
		{env: "CARTLINE_DRAIN=5", says: "CARTLINE_DRAIN"},
		{args: "--public-url shop.example", says: "--public-url"},
		{args: "--public-url https://shop.example/shop", says: "--public-url"},
		{args: "--allow-origin *", says: "--allow-origin"},
		{args: "--allow-origin https://a.example --allow-origin b.example", says: "b.example"},
		{env: "CARTLINE_ALLOW_ORIGIN=https://a.example,b.example", says: "b.example"},
		{args: "--channel error", says: "--channel"},
		{args: "--channel gateway", says: "--channel"},
		{args: "--channel cart_activity", says: "--channel"},
		{args: "--channel cartline_log", says: "--channel"},
		{args: "--channel cartline_staff", says: "--channel"},
		{args: "--channel " + strings.Repeat("x", 64), says: "--channel"},
		{args: "--demo=maybe", says: "--demo"},
		{args: "--allow-no-origin=maybe", says: "--allow-no-origin"},
	} {
		t.Run(test.args+test.env, func(t *testing.T) {
			t.Chdir(t.TempDir()) // where the default database would be made
			if name, value, ok := strings.Cut(test.env, "="); ok {
				t.Setenv(name, value)
			}
			status, stdout, stderr := call(t, "", strings.Fields(test.args)...)
			if status != 2 || stdout != "" {
				t.Errorf("got status %d, %q, want 2 and nothing on standard output", status, stdout)
			}
			if !strings.HasPrefix(stderr, "cartline: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.says) {
				t.Errorf("got %q, want one line that says %s", stderr, test.says)
			}
			if strings.Contains(stderr, "secret") {
				t.Errorf("got %q, which tells the password", stderr)
			}
		})
	}
}

// TestFailures has what is nobody's mistake here answered with one line and
// status 1.
func TestFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range []string{
		"--database sqlite:/dev/null/shop.db",
		"migrate --database sqlite:/dev/null/shop.db",
		"--database postgres://ann:secret@127.0.0.1:1/shop?connect_timeout=5",
		"staff list --database postgres://ann:secret@127.0.0.1:1/shop",
	} {
		status, _, stderr := call(t, "", strings.Fields(args)...)
		if status != 1 || !strings.HasPrefix(stderr, "cartline: ") || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "secret") {
			t.Errorf("%s: got status %d, %q, want 1 and one line without the password", args, status, stderr)
		}
	}
}
