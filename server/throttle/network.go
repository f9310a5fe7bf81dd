package throttle

import "net/netip"

// Network returns what of a network address counts as one client's: of IPv6, the 64 bits
// that one household has. What is no address is returned as it is.
func Network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String()
	}
	network, err := parsed.Prefix(64)
	if err != nil {
		return address // not reached: 64 is within the 128
	}
	return network.String()
}
