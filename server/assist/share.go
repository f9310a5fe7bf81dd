package assist

import "cartline/server/throttle"

// ShareThrottles has what staff may do only so often counted together with what they do at
// other processes. It is called before anything else; see [throttle.Throttle.Share].
func (d *Desk) ShareThrottles(with throttle.Shared, failed func(error)) {
	d.codes.Share("code", with, failed)
	d.knocks.Share("knock", with, failed)
	d.lookUps.Share("look-up", with, failed)
}
