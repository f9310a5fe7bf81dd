package live

// Taking returns how a client of this configuration takes what comes.
func Taking(config Config) func(data []byte) error { return NewClient(config).take }
