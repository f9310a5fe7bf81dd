package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
	"cartline/app/routes"
	"cartline/web"
)

// Pages answers requests for pages and static files. It is made once and never
// changes, but for the products that it reads for the shop.
type Pages struct {
	assets   map[string]*asset
	notFound *asset
	shop     *shopPages
}

// goAppFiles are what go-app's handler makes besides pages.
var goAppFiles = []string{"/app.js", "/app.css", "/app-worker.js", "/manifest.webmanifest", "/wasm_exec.js"}

// register adds our routes to go-app's, of which there is one set per process.
var register = sync.OnceFunc(routes.Register)

// New prerenders the pages and gathers the files. The catalogue is read at each
// request for a page of the shop. New fails if the program was built without its
// WebAssembly.
//
// The logger gets why the catalogue couldn't be read.
func New(catalogue Catalogue, logger *slog.Logger) (*Pages, error) {
	return NewBelow("", catalogue, logger)
}

// NewBelow is New for pages that are served below a path, like /live, which browsers see
// and which the requests that come here don't have any more. There is one such path in a
// process.
func NewBelow(path string, catalogue Catalogue, logger *slog.Logger) (*Pages, error) {
	module, ok := web.Wasm()
	if !ok {
		return nil, errors.New("this program was built without its WebAssembly; build it with make")
	}
	base.Set(path)
	p := &Pages{assets: make(map[string]*asset)}
	links := resolver{base: base.Path(), hashed: make(map[string]string)}
	if err := p.addStatic(web.Static(), links); err != nil {
		return nil, err
	}
	p.addModule(module, links)
	if err := p.addRendered(module, links); err != nil {
		return nil, err
	}
	if err := p.addShop(module, links, catalogue, logger); err != nil {
		return nil, err
	}
	return p, nil
}

// kinds are the media types of static files, by extension. Package mime would
// have them from the machine that serves, which may know others or none.
var kinds = map[string]string{
	".css":  "text/css; charset=utf-8",
	".ico":  "image/x-icon",
	".js":   "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".webp": "image/webp",
}

// resolver turns the addresses in pages into those with the content's hash, below the
// base. It must not be an http.Handler: if it were, go-app would use it to serve files.
type resolver struct {
	base   string
	hashed map[string]string
}

// Resolve implements app.ResourceResolver. What our own components draw is below the
// base already.
func (r resolver) Resolve(location string) string {
	if hashed, ok := r.hashed[location]; ok {
		return r.base + hashed
	}
	if r.base != "" && strings.HasPrefix(location, r.base+"/") {
		return location
	}
	return base.Of(location)
}

// addStatic adds every static file under two addresses: one with the hash of its
// content, which never changes, and the plain one for those who know no other.
func (p *Pages) addStatic(files fs.FS, links resolver) error {
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		plain := "/web/" + name
		hashed := withHash(plain, hash(body))
		links.hashed[plain] = hashed
		kind, ok := kinds[path.Ext(name)]
		if !ok {
			return fmt.Errorf("%s: no media type is known for %q", name, path.Ext(name))
		}
		p.assets[hashed] = newAsset(kind, body).forever()
		p.assets[plain] = newAsset(kind, body)
		switch name {
		case "favicon.ico":
			p.assets["/favicon.ico"] = p.assets[plain]
		case "robots.txt":
			p.assets["/robots.txt"] = p.assets[plain]
		}
		return nil
	})
}

func (p *Pages) addModule(module web.Module, links resolver) {
	const plain = "/web/app.wasm"
	hashed := withHash(plain, module.SHA256[:hashLength])
	links.hashed[plain] = hashed
	a := &asset{kind: "application/wasm", brotli: module.Brotli, gzip: module.Gzip, etag: module.SHA256[:hashLength]}
	p.assets[plain] = a
	p.assets[hashed] = a.forever()
}

// addRendered asks go-app's handler for what only it can make.
func (p *Pages) addRendered(module web.Module, links resolver) error {
	register()
	handler := p.configure(routes.Handler(), module, links)
	for _, name := range goAppFiles {
		body, kind, err := render(handler, name)
		if err != nil {
			return err
		}
		if name == "/app.js" {
			if body, err = laterWorker(body); err != nil {
				return err
			}
		}
		if name == "/manifest.webmanifest" {
			// go-app has it be the whole host.
			body = bytes.Replace(body, []byte(`"scope":"/"`), []byte(`"scope":"`+base.Of("/")+`"`), 1)
		}
		p.assets[name] = newAsset(kind, body)
	}
	for _, name := range routes.Paths {
		body, _, err := render(handler, name)
		if err != nil {
			return err
		}
		body = absolute.ReplaceAll(body, nil)
		p.assets[name] = newAsset("text/html; charset=utf-8", body).withPolicy(policyOf(name))
	}
	body := strings.NewReplacer(
		`href="/web/app.css`, `href="`+links.Resolve("/web/app.css"), `href="/`, `href="`+base.Of("/"),
	).Replace(notFoundPage)
	p.notFound = newAsset("text/html; charset=utf-8", []byte(body)).withPolicy(policyOf(""))
	return nil
}

// laterWorker has go-app's loader begin with the service worker only when the program
// runs. It fetches all that it keeps, and would do so while the program is on its way.
func laterWorker(script []byte) ([]byte, error) {
	const begin, run = "\ngoappInitServiceWorker();\n", "    go.run(wasm.instance);\n"
	if bytes.Count(script, []byte(begin)) != 1 || bytes.Count(script, []byte(run)) != 1 {
		return nil, errors.New("go-app's loader is another one than is known here")
	}
	script = bytes.Replace(script, []byte(begin), []byte("\n"), 1)
	return bytes.Replace(script, []byte(run), []byte(run+"    goappInitServiceWorker();\n"), 1), nil
}

// configure tells go-app's handler what this program serves.
func (p *Pages) configure(handler *app.Handler, module web.Module, links resolver) *app.Handler {
	handler.Resources = links
	handler.WasmContentLength = strconv.FormatInt(module.Size, 10)
	handler.Version = p.version()
	return handler
}

// absolute finds the descriptions for other sites that need our own address, which
// isn't known when pages are rendered: go-app writes them without a host.
var absolute = regexp.MustCompile(`(?m)^\s*<meta [^>]*"og:(url|image)"[^>]*>\n`)

// version names this collection of files, so that a browser that has another one
// loads this one.
func (p *Pages) version() string {
	sum := sha256.New()
	for _, name := range sortedKeys(p.assets) {
		fmt.Fprintln(sum, name, p.assets[name].etag)
	}
	// What go-app generates changes with the program, of which this is all that
	// the program can tell by itself.
	fmt.Fprintln(sum, routes.Handler().ServiceWorkerTemplate)
	return hex.EncodeToString(sum.Sum(nil))[:hashLength]
}

// render asks go-app's handler with a request that has nothing of any visitor's.
func render(handler http.Handler, name string) (body []byte, kind string, err error) {
	request, err := http.NewRequest(http.MethodGet, name, nil)
	if err != nil {
		return nil, "", err
	}
	answer := &answer{header: make(http.Header), status: http.StatusOK}
	handler.ServeHTTP(answer, request)
	if answer.status != http.StatusOK {
		return nil, "", fmt.Errorf("prerender %s: status %d", name, answer.status)
	}
	return answer.body.Bytes(), answer.header.Get("Content-Type"), nil
}

// answer is an http.ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header            { return a.header }
func (a *answer) WriteHeader(status int)         { a.status = status }
func (a *answer) Write(body []byte) (int, error) { return a.body.Write(body) }

// hashLength is how many hexadecimal digits of a hash stand in an address.
const hashLength = 16

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:hashLength]
}

// withHash puts a hash before a name's extension.
func withHash(name, hash string) string {
	extension := path.Ext(name)
	return strings.TrimSuffix(name, extension) + "." + hash + extension
}

const notFoundPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found · Cartline</title>
<link rel="stylesheet" href="/web/app.css">
</head>
<body>
<main class="not-found">
<h1>There is nothing at this address</h1>
<p><a href="/">To the console</a> · <a href="/events">To the events</a></p>
</main>
</body>
</html>
`
