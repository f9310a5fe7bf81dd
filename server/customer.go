package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"cartline/server/identity"
	"cartline/shared"
)

// customerCommand answers people who ask what is kept on them, or want it gone. It
// works while a server runs on the same database.
type customerCommand struct {
	List   customerList   `cmd:"" help:"List the accounts of customers."`
	Export customerExport `cmd:"" help:"Write everything that is kept on a person to standard output, as JSON."`
	Erase  customerErase  `cmd:"" help:"Erase a person's accounts, sessions, and what staff noted. Their carts and orders stay, as nobody's."`
}

// register is the accounts of customers together with the rest of their database.
type register struct {
	*identity.Customers
	store store
	page  int // how much of the log and of the audit is read at once
}

func newRegister(s store) register {
	return register{identity.NewCustomers(s, identity.NewHasher()), s, 500}
}

// customerFlags say where customers and their sessions are. Without --sessions, those in
// Redis are not seen; but they are worth nothing once the account is gone.
type customerFlags struct {
	databaseFlag
	sessionsFlag
}

// withCustomers does something with the customers of a database that exists.
func withCustomers(env *environment, flags customerFlags, do func(register) error) (err error) {
	database := flags.Database
	if err := flags.sessionsFlag.check(); err != nil {
		return err
	}
	if err := checkExists(database); err != nil {
		return err
	}
	s, err := openStore(env.ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	kept, err := flags.with(s)
	if err != nil {
		return err
	}
	if e, ok := kept.(*elsewhere); ok {
		defer func() { err = errors.Join(err, e.shoppers.Close()) }()
	}
	return asUsage(do(newRegister(kept)))
}

// find returns every account of a person, who is named by a whole e-mail address
// or, since some are kept without one, by the ID of an account.
func (r register) find(env *environment, person string) ([]identity.Customer, error) {
	var found []identity.Customer
	if strings.Contains(person, "@") {
		var err error
		if found, err = r.ByEmail(env.ctx, person); err != nil {
			return nil, err
		}
	} else {
		customer, ok, err := r.ByID(env.ctx, person)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, customer)
		}
	}
	if len(found) == 0 {
		return nil, &shared.Problem{Code: shared.CodeNotFound, Detail: fmt.Sprintf("There is no customer %q.", person)}
	}
	return found, nil
}

type customerList struct{ customerFlags }

func (c *customerList) Run(env *environment) error {
	return withCustomers(env, c.customerFlags, func(r register) error {
		customers, err := r.List(env.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tE-MAIL\tSINCE\tPASSWORD")
		for _, c := range customers {
			email, password := c.Email, "no"
			if email == "" {
				email = "-"
			}
			if c.HasPassword() {
				password = "yes"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, email, c.CreatedAt.Format(time.DateOnly), password)
		}
		return table.Flush()
	})
}

type customerErase struct {
	customerFlags
	Person string `arg:"" name:"email" help:"E-mail address, or the ID of an account."`
	Yes    bool   `help:"Don't ask first."`
}

func (c *customerErase) Run(env *environment) error {
	return withCustomers(env, c.customerFlags, func(r register) error {
		found, err := r.find(env, c.Person)
		if err != nil {
			return err
		}
		if !c.Yes {
			if err := c.confirm(env, found); err != nil {
				return err
			}
		}
		for _, customer := range found {
			if err := r.erase(env, customer); err != nil {
				return err
			}
		}
		return nil
	})
}

// confirm asks at a terminal. Elsewhere nobody would see the question.
func (c *customerErase) confirm(env *environment, found []identity.Customer) error {
	if file, ok := env.stdin.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return usagef("say --yes to erase without being asked")
	}
	return askToErase(env.stdin, env.stderr, found)
}

// askToErase returns an error unless the answer is yes.
func askToErase(in io.Reader, out io.Writer, found []identity.Customer) error {
	for _, customer := range found {
		fmt.Fprintf(out, "%s  %s  %s, since %s\n", customer.ID, customer.Name, customer.Email, customer.CreatedAt.Format(time.DateOnly))
	}
	fmt.Fprint(out, "Erase? This can't be undone. Type yes: ")
	answer, err := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("answer from standard input: %w", err)
	}
	if strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was erased")
	}
	return nil
}

// erase takes a customer off their carts first: should that be all that happens,
// the account is still found, and the rest can be done later.
func (r register) erase(env *environment, customer identity.Customer) error {
	sessions, err := r.Sessions(env.ctx, customer.ID)
	if err != nil {
		return err
	}
	carts, err := r.store.CartsOfCustomer(env.ctx, customer.ID)
	if err != nil {
		return err
	}
	if err := r.store.ForgetCustomer(env.ctx, customer.ID); err != nil {
		return err
	}
	if _, err := r.Erase(env.ctx, customer.ID); err != nil {
		return err
	}
	return say(env, "Erased the account %s. Sessions ended: %d. Carts and orders that stay, as nobody's: %d.", customer.ID, len(sessions), len(carts))
}
