package nats_test

import (
	"testing"

	"cartline/server/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
