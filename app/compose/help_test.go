package compose

import (
	"context"
	"errors"
	"sync"

	"cartline/shared/live"
)

// target is a Target that takes messages, or doesn't.
type target struct {
	mu    sync.Mutex
	ready bool
	full  bool
	got   []live.Message
	room  chan struct{} // SendWait takes one for each message, unless it is nil
}

func (t *target) set(ready, full bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ready, t.full = ready, full
}

func (t *target) Ready() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ready
}

func (t *target) Send(m live.Message) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ready || t.full {
		return false
	}
	t.got = append(t.got, m)
	return true
}

func (t *target) SendWait(ctx context.Context, m live.Message) error {
	if t.room != nil {
		select {
		case <-t.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if !t.Send(m) {
		return errors.New("the connection has ended")
	}
	return nil
}

func (t *target) texts() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	texts := make([]string, len(t.got))
	for i, m := range t.got {
		texts[i] = string(m.Data)
		if m.Binary {
			texts[i] = "binary:" + texts[i]
		}
	}
	return texts
}

// memory is a Storage that may refuse.
type memory struct {
	texts   map[string]string
	refuses bool
}

func (m *memory) Load(key string) string { return m.texts[key] }

func (m *memory) Save(key, text string) bool {
	if m.refuses {
		return false
	}
	if m.texts == nil {
		m.texts = make(map[string]string)
	}
	if text == "" {
		delete(m.texts, key)
	} else {
		m.texts[key] = text
	}
	return true
}
