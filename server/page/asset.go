package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cartline/app/part"
)

// asset is one thing to be served, in the encodings in which it is kept.
type asset struct {
	kind      string
	etag      string // without quotes; each encoding adds its name
	policy    string // Content-Security-Policy, for pages
	immutable bool
	cache     string // Cache-Control, if it isn't one of the usual two
	weak      bool   // the same page may be written in other bytes: attributes in another order

	plain  []byte // nil if it is kept compressed only
	gzip   []byte // nil if it is not worth it
	brotli []byte // nil if there is none
}

// minCompressed is the size in bytes below which compressing saves no packet.
const minCompressed = 1000

// newAsset makes an asset, compressed too if that helps.
func newAsset(kind string, body []byte) *asset {
	a := &asset{kind: kind, etag: hash(body), plain: body}
	if len(body) < minCompressed {
		return a
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return a // not for a level that exists
	}
	if _, err := writer.Write(body); err != nil || writer.Close() != nil {
		return a // not into a buffer
	}
	if packed.Len() < len(body)*9/10 { // not for PNG
		a.gzip = packed.Bytes()
	}
	return a
}

// forever returns the same asset for an address that changes with its content.
func (a *asset) forever() *asset {
	forever := *a
	forever.immutable = true
	return &forever
}

func (a *asset) withPolicy(policy string) *asset {
	a.policy = policy
	return a
}

// deskCart matches the addresses of the desk with a cart open.
var deskCart = regexp.MustCompile(part.PatternDeskCart)

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setCommon(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET is for this address.", http.StatusMethodNotAllowed)
		return
	}
	// The address is looked up whole. No part of it becomes the name of a file.
	if a, ok := p.assets[r.URL.Path]; ok {
		a.serve(w, r, http.StatusOK)
		return
	}
	// The desk with a cart open is the desk's page: it reads the address itself.
	if a := p.assets[part.PathDesk]; a != nil && deskCart.MatchString(r.URL.Path) {
		a.serve(w, r, http.StatusOK)
		return
	}
	if p.shop != nil && p.shop.serve(w, r) {
		return
	}
	if trimmed := strings.TrimRight(r.URL.Path, "/"); p.assets[trimmed] != nil {
		http.Redirect(w, r, trimmed, http.StatusMovedPermanently)
		return
	}
	p.notFound.serve(w, r, http.StatusNotFound)
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache")
	if a.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if a.cache != "" {
		header.Set("Cache-Control", a.cache)
	}
	if a.policy != "" {
		header.Set("Content-Security-Policy", a.policy)
	}
	encoding, body := a.encodingFor(r.Header.Get("Accept-Encoding"))
	etag := strconv.Quote(strings.TrimSuffix(a.etag+"-"+encoding, "-"))
	if status == http.StatusOK {
		if a.weak {
			header.Set("ETag", "W/"+etag)
		} else {
			header.Set("ETag", etag)
		}
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header.Set("Content-Type", a.kind)
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if body == nil {
		// Kept compressed only, for a client that takes nothing compressed.
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			unpack(w, a.gzip)
		}
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // an error means that the client is gone
	}
}

// encodingFor chooses the smallest form that the client takes.
func (a *asset) encodingFor(accept string) (encoding string, body []byte) {
	switch {
	case a.brotli != nil && accepts(accept, "br"):
		return "br", a.brotli
	case a.gzip != nil && accepts(accept, "gzip"):
		return "gzip", a.gzip
	default:
		return "", a.plain
	}
}

func unpack(w io.Writer, packed []byte) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // embedded, and tested
	}
	_, _ = io.Copy(w, reader) // an error means that the client is gone
}

// accepts tells whether an Accept-Encoding header takes an encoding (RFC 9110,
// section 12.5.3).
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && value > 0
	}
	return false
}

// matches tells whether an If-None-Match header names the ETag (RFC 9110, section
// 13.1.2).
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}

func sortedKeys(assets map[string]*asset) []string { return slices.Sorted(maps.Keys(assets)) }
