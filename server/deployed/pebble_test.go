package deployed

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"cartline/server/internal/testenv"
)

// pebbleRole has this test program be Pebble. Within the tests' process, Pebble would leave
// goroutines over.
const pebbleRole = "CARTLINE_TEST_PEBBLE"

// pebbleSettings are what it is told.
type pebbleSettings struct {
	Address   string // of its directory
	Folder    string // with its certificate, and where it leaves its root
	TLS, HTTP int    // the ports on which it looks for whose a name is
}

// startPebble starts an authority, for whom every name is this machine's. It writes into the
// folder directory.pem, by which its directory is trusted, and root.pem, by which what it
// signs is.
func startPebble(t *testing.T, address, folder string, tlsPort, httpPort int) {
	t.Helper()
	cert, _ := certificate(t, folder)
	own, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "directory.pem", string(own))
	settings, err := json.Marshal(pebbleSettings{address, folder, tlsPort, httpPort})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), pebbleRole+"="+string(settings), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	run(t, cmd)
	testenv.Eventually(t, patience, "Pebble", func() bool {
		_, err := os.Stat(filepath.Join(folder, "root.pem"))
		return err == nil
	})
}

// bePebble is what the other process does. It returns only with an error.
func bePebble(text string) error {
	var s pebbleSettings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	names, err := net.Listen("tcp", "127.0.0.1:0") // Pebble asks over TCP
	if err != nil {
		return err
	}
	go func() {
		log.Fatal((&dns.Server{Listener: names, Handler: dns.HandlerFunc(resolve)}).ActivateAndServe())
	}()

	logger, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	looker := va.New(logger, s.HTTP, s.TLS, false, names.Addr().String(), store)
	front := wfe.New(logger, store, looker, authority, []string{"shop.test"}, false, false, 1, 1)
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		return err
	}
	// Not before somebody may come, and whole as soon as it is there.
	root := filepath.Join(s.Folder, "root.pem")
	if err := os.WriteFile(root+".part", authority.GetRootCert(0).PEM(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(root+".part", root); err != nil {
		return err
	}
	return http.ServeTLS(listener, front.Handler(), filepath.Join(s.Folder, "cert.pem"), filepath.Join(s.Folder, "key.pem"))
}

// resolve says of every name that it is this machine's.
func resolve(w dns.ResponseWriter, question *dns.Msg) {
	answer := new(dns.Msg).SetReply(question)
	for _, q := range question.Question {
		if q.Qtype != dns.TypeA {
			continue
		}
		record, err := dns.NewRR(fmt.Sprintf("%s 1 A 127.0.0.1", q.Name))
		if err == nil { // a name that can be asked can be answered
			answer.Answer = append(answer.Answer, record)
		}
	}
	_ = w.WriteMsg(answer) // who asks will ask again
}
