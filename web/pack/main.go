// Command pack compresses the UI's WebAssembly module for package web.
//
//	go run ./web/pack MODULE DIR
//
// It writes app.wasm.br, app.wasm.gz and, last, app.json into DIR: when
// app.json is there, it describes what lies next to it. Compressing as hard as
// Brotli can takes half a minute, so nothing is done when app.json already has
// the module's checksum.
package main

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/andybalholm/brotli"
	"golang.org/x/sync/errgroup"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack MODULE DIR")
		os.Exit(2)
	}
	if err := pack(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// about is the content of app.json.
type about struct {
	SHA256 string `json:"sha256"` // of the module before compression
	Size   int64  `json:"size"`   // likewise, in bytes
	Go     string `json:"go"`     // the version that compiled it
}

// encodings are the files that are made of the module.
var encodings = []struct {
	file   string
	encode func(io.Writer) (io.WriteCloser, error)
}{
	{"app.wasm.br", func(w io.Writer) (io.WriteCloser, error) {
		// The largest window that every decoder has to support (RFC 7932,
		// section 9.1): 16 MiB, so that it spans the whole module.
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24}), nil
	}},
	{"app.wasm.gz", func(w io.Writer) (io.WriteCloser, error) {
		return gzip.NewWriterLevel(w, gzip.BestCompression)
	}},
}

// pack writes the files for the module at path into dir and tells out how far
// it is.
func pack(out io.Writer, path, dir string) error {
	module, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(module)
	want := about{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(module)), Go: runtime.Version()}

	infoPath := filepath.Join(dir, "app.json")
	current, err := upToDate(infoPath, want)
	if err != nil {
		return err
	}
	if current {
		fmt.Fprintf(out, "wasm: %s MB, unchanged\n", megabytes(want.Size))
		return nil
	}

	// From here on the old description is wrong, also if we are interrupted.
	if err := os.Remove(infoPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	start := time.Now()
	done := reportProgress(out, megabytes(want.Size))
	var group errgroup.Group
	sizes := make([]int64, len(encodings))
	for i, e := range encodings {
		group.Go(func() (err error) {
			sizes[i], err = compress(module, filepath.Join(dir, e.file), e.encode)
			return err
		})
	}
	err = group.Wait()
	done()
	if err != nil {
		return err
	}
	info, err := json.Marshal(want)
	if err != nil {
		return err
	}
	if err := os.WriteFile(infoPath, append(info, '\n'), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(out, "wasm: %s MB, brotli %s MB, gzip %s MB, in %v\n", megabytes(want.Size),
		megabytes(sizes[0]), megabytes(sizes[1]), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// upToDate reports whether the files described at infoPath are those that
// would be made.
func upToDate(infoPath string, want about) (bool, error) {
	data, err := os.ReadFile(infoPath)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var got about
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		return false, nil // of another version, or cut off: made anew
	}
	for _, e := range encodings {
		if _, err := os.Stat(filepath.Join(filepath.Dir(infoPath), e.file)); err != nil {
			return false, nil
		}
	}
	return true, nil
}

// compress writes the encoded module to path and returns the file's size.
func compress(module []byte, path string, encode func(io.Writer) (io.WriteCloser, error)) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := encode(f)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(module); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekCurrent)
}

// reportProgress tells every few seconds that the work goes on, until the
// function that it returns is called.
func reportProgress(out io.Writer, size string) (done func()) {
	fmt.Fprintf(out, "wasm: compressing %s MB, this takes up to a minute …\n", size)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		start := time.Now()
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				fmt.Fprintf(out, "wasm: still compressing, %.0f s\n", time.Since(start).Seconds())
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f", float64(n)/1e6) }
