// Package http stands in for net/http when the pages are compiled to WebAssembly,
// and only then: build.sh puts it in that package's place (go build -overlay).
//
// The pages make no request with net/http; they fetch as browsers do. But go-app and
// coder/websocket name its types in functions that are for servers, and so bring in
// TLS with its certificates, ciphers and curves, whose set-up the linker has to keep: a
// sixth of what every visitor would load (1.85 MB, 1.52 MB without), and run at each
// start.
//
// Here is what those two packages name, and no more, so that a version of them that
// names more doesn't compile. Nothing here works; nothing here is called.
package http

import (
	"errors"
	"io"
	"net/url"
)

// errNone is the error of everything here.
var errNone = errors.New("net/http: not in a browser")

const (
	MethodGet = "GET"

	StatusSwitchingProtocols  = 101
	StatusOK                  = 200
	StatusNotModified         = 304
	StatusNotFound            = 404
	StatusInternalServerError = 500
)

type Header map[string][]string

func (Header) Get(string) string  { return "" }
func (Header) Set(string, string) {}

type Request struct {
	URL    *url.URL
	Host   string
	Header Header
	TLS    *struct{}
}

func NewRequest(string, string, io.Reader) (*Request, error) { return nil, errNone }

type Response struct {
	StatusCode int
	Header     Header
	Body       io.ReadCloser
}

type ResponseWriter interface {
	Header() Header
	Write([]byte) (int, error)
	WriteHeader(status int)
}

type Handler interface {
	ServeHTTP(ResponseWriter, *Request)
}

func NotFound(ResponseWriter, *Request)    {}
func Handle(string, Handler)               {}
func ListenAndServe(string, Handler) error { return errNone }
func Get(string) (*Response, error)        { return nil, errNone }

type Client struct{}

func (Client) Do(*Request) (*Response, error) { return nil, errNone }

var DefaultClient Client

type Dir string

func FileServer(Dir) Handler { return nil }
