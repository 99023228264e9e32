// homing keeps DNS pointing home: see README.md, or run "homing help".
package main

import (
	"os"

	"github.com/homing-dns/homing/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Process())) }
