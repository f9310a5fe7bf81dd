//go:build !unix

package wire

// receive waits until something has come and reads it into p, or into room if p is nil.
func (t *transport) receive(p []byte) (int, error) { return t.receivePlain(p) }
