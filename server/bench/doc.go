// Command bench measures Cartline as it ships beside other servers: what it takes of the
// machine to tell many clients of something, to keep them connected, and to answer an
// echo.
//
// It starts a PostgreSQL server of its own, the program, and the rivals of docs/bench,
// each as a process of its own, one at a time; package load is the clients of all of
// them. What a server takes is asked of the operating system. Each scenario is measured
// in rounds, in each of which every server has its turn, so that what else goes on in
// the machine meets all alike; ratios are between measurements of one round. Nothing
// leaves the machine, and every process it has started ends with it.
//
// It isn't part of what ships, and tells nothing of correctness: server/ledger does. How
// to run it, and what came out, stands in docs/performance.md. It needs Linux.
//
// Start with scenario.go; fanout.go is the simplest one.
package main
