package console

import "cartline/shared"

// preset is one of this server's own endpoints with what one does there.
type preset struct {
	name string // of its button
	path string
	// listen is the channel to ask for once connected, or "".
	listen string
}

var presets = []preset{
	{"Echo", pathEcho, ""},
	{"Cart events", pathEvents, shared.ChannelCartActivity},
	{"My cart", pathEvents, shared.ChannelMyCart},
}

// presetOf returns the preset that an address belongs to, or nil. Of those that share
// an address, it is the one that was chosen before.
func presetOf(endpoint string, before *preset) *preset {
	if before != nil && before.path == endpoint {
		return before
	}
	for i := range presets {
		if presets[i].path == endpoint {
			return &presets[i]
		}
	}
	return nil
}

// request is the message that asks for the preset's channel.
func (p preset) request() string {
	text, err := shared.Request{Listen: p.listen}.Text()
	if err != nil {
		panic(err) // a constant request that is invalid
	}
	return text
}
