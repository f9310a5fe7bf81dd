package socket

import (
	"io"
	"net/http"
	"strings"
)

// expectedWebSocket is the answer to a request that asks for no upgrade.
const expectedWebSocket = "Expected websocket"

// wantsWebSocket reports whether r asks for an upgrade to WebSocket: one of the
// tokens of its Upgrade header is "websocket", in any case (RFC 6455 section
// 4.2.1). The rest of the handshake is for [wire.Accept] to judge.
func wantsWebSocket(r *http.Request) bool {
	for _, line := range r.Header.Values("Upgrade") {
		for token := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "websocket") {
				return true
			}
		}
	}
	return false
}

// refuse answers with one sentence of plain text, exactly as given.
func refuse(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client has gone if this fails, and net/http notices by itself.
	_, _ = io.WriteString(w, sentence)
}
