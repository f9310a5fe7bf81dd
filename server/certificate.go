package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateFiles is a certificate from files, which is read anew when they change. It
// looks at each handshake, which costs a hundredth of the handshake, and needs nobody to
// watch.
type certificateFiles struct {
	cert, key string
	logger    *slog.Logger

	mu     sync.Mutex
	seen   [2]fileStamp // of the files as they were when last read
	loaded *tls.Certificate
}

// fileStamp tells whether a file has changed.
type fileStamp struct {
	changed time.Time
	size    int64
}

func newCertificateFiles(cert, key string, logger *slog.Logger) (*certificateFiles, error) {
	f := &certificateFiles{cert: cert, key: key, logger: logger}
	var err error
	if f.seen, err = f.stamps(); err != nil {
		return nil, fmt.Errorf("the certificate can't be read: %w", err)
	}
	if f.loaded, err = f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// get implements tls.Config.GetCertificate. While the files are no good, as when only one
// of them has been replaced yet, it goes on with what it has.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := f.stamps()
	if err != nil || now == f.seen {
		// A file that is missing is about to be replaced, or will be missed at the next
		// start.
		return f.loaded, nil
	}
	f.seen = now
	loaded, err := f.load()
	if err != nil {
		f.logger.Error("the certificate has changed, and the new one can't be used; the old one is, still", "error", err)
		return f.loaded, nil
	}
	f.loaded = loaded
	f.logger.Info("the certificate was read anew", "until", loaded.Leaf.NotAfter)
	return f.loaded, nil
}

func (f *certificateFiles) stamps() (stamps [2]fileStamp, err error) {
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return stamps, err
		}
		stamps[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return stamps, nil
}

func (f *certificateFiles) load() (*tls.Certificate, error) {
	loaded, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("the certificate in %s can't be used with the key in %s: %w", f.cert, f.key, err)
	}
	return &loaded, nil
}
