package socket

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cartline/server/httplog"
	"cartline/server/proxied"
	"cartline/server/throttle"
	"cartline/shared"
)

const (
	// witnessRoom is how many handshakes a Witness keeps. When there are more, the oldest
	// of the address with the most gives way, so that one that does nothing but connect
	// takes nobody else's.
	witnessRoom = 1000

	// witnessTime is how long it keeps one.
	witnessTime = time.Minute

	// maxRefusal is how much of the sentence is kept that refused a handshake.
	maxRefusal = 1 << 10
)

// Witness keeps what handshakes looked like to the server, which browsers hide from
// pages: each under the random id in its cookie shared.CookieHandshake, for a minute or
// until it is told. Nothing is kept of a handshake without that cookie. It is safe for
// concurrent use, and so is one that is nil, which keeps nothing.
type Witness struct {
	origins *Origins
	now     func() time.Time

	mu      sync.Mutex
	records map[string]*shared.HandshakeRecord
	ids     []string // of the records, oldest first
	// kept counts the records by where they are from.
	kept map[string]int
}

// NewWitness makes a witness that has seen nothing. Origins says why pages were let in.
func NewWitness(origins *Origins) *Witness {
	return &Witness{
		origins: origins,
		now:     time.Now,
		records: make(map[string]*shared.HandshakeRecord),
		kept:    make(map[string]int),
	}
}

// Take returns what was kept under an id, once.
func (w *Witness) Take(id string) (shared.HandshakeRecord, bool) {
	if w == nil {
		return shared.HandshakeRecord{}, false
	}
	now := w.now().UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget(now)
	record, kept := w.records[id]
	if !kept {
		return shared.HandshakeRecord{}, false
	}
	w.drop(id)
	told := *record
	told.Now = now
	return told, true
}

// keep keeps a record, in place of an older one under its id.
func (w *Witness) keep(id string, record *shared.HandshakeRecord) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget(w.now())
	w.drop(id)
	if len(w.ids) == witnessRoom {
		w.makeRoom()
	}
	w.records[id] = record
	w.ids = append(w.ids, id)
	w.kept[throttle.Network(record.Remote)]++
}

// makeRoom drops the oldest record of the address with the most.
func (w *Witness) makeRoom() {
	most, greedy := 0, ""
	for address, count := range w.kept {
		if count > most {
			most, greedy = count, address
		}
	}
	if most == 1 { // all are from different ones
		w.drop(w.ids[0])
		return
	}
	for _, id := range w.ids {
		if throttle.Network(w.records[id].Remote) == greedy {
			w.drop(id)
			return
		}
	}
}

// drop drops what is kept under an id, if anything is.
func (w *Witness) drop(id string) {
	if i := slices.Index(w.ids, id); i >= 0 {
		release(w.kept, throttle.Network(w.records[id].Remote))
		w.ids = slices.Delete(w.ids, i, i+1)
		delete(w.records, id)
	}
}

// forget drops the records whose time is up.
func (w *Witness) forget(now time.Time) {
	for len(w.ids) > 0 && now.Sub(w.records[w.ids[0]].At) >= witnessTime {
		w.drop(w.ids[0])
	}
}

// look begins a record of a handshake if that asks for one. Then the handshake is to be
// answered through what it returns, and keep called in the end. Otherwise it returns
// rw and nil, on which all methods do nothing.
func (w *Witness) look(rw http.ResponseWriter, r *http.Request) (http.ResponseWriter, *sighting) {
	if w == nil {
		return rw, nil
	}
	id := handshakeID(r)
	if id == "" {
		return rw, nil
	}
	// The id is copied, lest it hold on to a large line of cookies.
	s := &sighting{ResponseWriter: rw, witness: w, id: strings.Clone(id), record: shared.HandshakeRecord{
		At:     w.now().UTC(),
		Remote: httplog.RemoteHost(r),
		TLS:    proxied.Scheme(r) == "https",
	}}
	describe(&s.record, r)
	return s, s
}

// handshakeID returns the id under which a handshake is to be kept, or "". It is what
// every handshake pays, so it parses no cookies that it needn't.
func handshakeID(r *http.Request) string {
	for _, line := range r.Header["Cookie"] {
		if !strings.Contains(line, shared.CookieHandshake) {
			continue
		}
		if cookie, err := r.Cookie(shared.CookieHandshake); err == nil && isHandshakeID(cookie.Value) {
			return cookie.Value
		}
	}
	return ""
}

func isHandshakeID(id string) bool {
	return len(id) == shared.HandshakeIDLength && strings.Trim(id, "0123456789abcdef") == ""
}

// sighting is a handshake that is being answered, and what is seen of it. It belongs to
// the goroutine that answers. All methods but those of an http.ResponseWriter may be
// called on nil.
type sighting struct {
	http.ResponseWriter
	witness *Witness
	id      string
	record  shared.HandshakeRecord
	refusal []byte
	kept    bool
}

// sighted returns the sighting that a handshake is answered through, or nil.
func sighted(w http.ResponseWriter) *sighting {
	s, _ := w.(*sighting)
	return s
}

// origin notes whether the page that asks may connect.
func (s *sighting) origin(r *http.Request, err error) {
	if s == nil {
		return
	}
	s.record.OriginAllowed = err == nil
	if err != nil {
		s.record.OriginVerdict = err.Error()
		return
	}
	s.record.OriginVerdict = s.witness.origins.verdict(r)
}

// user notes who connects.
func (s *sighting) user(name string) {
	if s != nil {
		s.record.User = name
	}
}

// faults notes what the echo is asked to do wrong.
func (s *sighting) faults(f shared.Faults) {
	if s != nil {
		s.record.Faults = f.Query()
	}
}

// WriteHeader implements http.ResponseWriter. An upgrade is kept before the client
// learns of it, as it may ask at once.
func (s *sighting) WriteHeader(status int) {
	if s.record.Status == 0 {
		s.record.Status = status
		s.record.Chosen = s.Header().Get("Sec-WebSocket-Protocol")
	}
	if status == http.StatusSwitchingProtocols {
		s.keep()
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (s *sighting) Write(body []byte) (int, error) {
	s.refusal = append(s.refusal, body[:min(len(body), maxRefusal-len(s.refusal))]...)
	return s.ResponseWriter.Write(body)
}

// Unwrap lets the handshake reach the connection beneath.
func (s *sighting) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// keep keeps the record. What the server sends on afterwards is its own answer to a
// connection that it can't take over, which nobody gets.
func (s *sighting) keep() {
	if s == nil || s.kept {
		return
	}
	s.kept = true
	s.record.Status = cmp.Or(s.record.Status, http.StatusInternalServerError) // which a panic is answered with
	s.record.Refusal, _ = legible(strings.TrimSpace(string(s.refusal)), maxRefusal)
	record := s.record
	s.witness.keep(s.id, &record)
}
