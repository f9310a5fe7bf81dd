//go:build unix

package wire

import "syscall"

// receive waits until something has come and reads it into p, or into room if p is nil.
// On TCP there is only room from when there is something to read.
func (t *transport) receive(p []byte) (int, error) {
	if t.raw == nil {
		return t.receivePlain(p)
	}
	if t.ready == nil {
		t.ready = t.tryRead // It is kept, as it would be allocated each time.
	}
	t.into, t.count = p, 0
	err := t.raw.Read(t.ready)
	t.into = nil
	if err == nil {
		err = t.err
	}
	return t.count, err
}

// tryRead reads without waiting. It returns false if nothing has come.
func (t *transport) tryRead(fd uintptr) (done bool) {
	p := t.into
	if p == nil {
		t.borrow()
		p = t.room
	}
	for {
		n, err := syscall.Read(int(fd), p)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			t.release()
			return false
		}
		t.count, t.err = max(n, 0), err
		return true
	}
}
