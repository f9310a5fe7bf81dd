package nats

// DecodeLink takes a message of the stream apart.
var DecodeLink = decodeLink
