package shared_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"cartline/shared"
)

func TestSetLineValidate(t *testing.T) {
	tests := []struct {
		name  string
		in    shared.SetLine
		field string // "" if it is valid
	}{
		{"one", shared.SetLine{Quantity: 1}, ""},
		{"most", shared.SetLine{Quantity: shared.MaxQuantity, Version: math.MaxInt64}, ""},
		{"none", shared.SetLine{Quantity: 0}, "quantity"},
		{"negative", shared.SetLine{Quantity: -1}, "quantity"},
		{"absurd", shared.SetLine{Quantity: shared.MaxQuantity + 1}, "quantity"},
		{"more absurd", shared.SetLine{Quantity: math.MaxInt}, "quantity"},
		{"a negative version", shared.SetLine{Quantity: 1, Version: -1}, "version"},
	}
	for _, test := range tests {
		checkValidate(t, test.name, test.in, test.field)
	}
}

func TestSignInValidate(t *testing.T) {
	tests := []struct {
		name               string
		username, password string
		field              string
	}{
		{"fine", "zoe", "secret", ""},
		{"as long as can be", strings.Repeat("u", shared.MaxUsername), strings.Repeat("p", shared.MaxPassword), ""},
		{"no username", "", "secret", "username"},
		{"no password", "zoe", "", "password"},
		{"a long username", strings.Repeat("u", shared.MaxUsername+1), "secret", "username"},
		{"a long password", "zoe", strings.Repeat("p", shared.MaxPassword+1), "password"},
	}
	for _, test := range tests {
		checkValidate(t, test.name, shared.SignIn{Username: test.username, Password: test.password}, test.field)
	}
}

func checkValidate(t *testing.T, name string, v shared.Validator, field string) {
	t.Helper()
	err := v.Validate()
	if field == "" {
		if err != nil {
			t.Errorf("%s: got %v, want none", name, err)
		}
		return
	}
	checkProblem(t, name, err, shared.CodeInvalid, field)
}

// Whoever changes the list that it was given must not change the roles.
func TestRolesAreACopy(t *testing.T) {
	first := shared.Roles()
	want := slices.Clone(first)
	clear(first)
	if got := shared.Roles(); !slices.Equal(got, want) || len(got) != 4 {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Clients read a list where there is one, and no null.
func TestFieldsThatAreLeftOut(t *testing.T) {
	tests := []struct {
		value any
		want  string
	}{
		{shared.SetLine{Quantity: 1}, `{"quantity":1}`},
		{shared.Listening{Channel: "c"}, `{"channel":"c"}`},
		{shared.Problem{Code: shared.CodeInternal, Detail: "d"}, `{"code":"internal","detail":"d"}`},
		{shared.ProductList{Products: []shared.Product{}}, `{"products":[]}`},
		{shared.Actor{Kind: shared.ActorShopper}, `{"kind":"shopper"}`},
		{shared.Cart{Status: shared.CartOpen, Lines: []shared.Line{}},
			`{"id":"","name":"","version":0,"status":"open","lines":[],"items":0,"subtotal":{"amount":0,"currency":""},"total":{"amount":0,"currency":""}}`},
	}
	for _, test := range tests {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("got %s, %v; want %s", got, err, test.want)
		}
	}
}
