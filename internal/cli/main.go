// Package cli has the commands, and the manners of a program in a terminal. One
// command is one file. Nothing but this package reads signals or exits.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// Exit codes; scripts rely on them.
const (
	exitDone    = 0
	exitFailed  = 1 // something failed or is not known
	exitUsage   = 2 // bad usage or configuration
	exitPending = 3 // plan --exit-code: something would change
)

// Env is what a command may use of the process it runs in.
type Env struct {
	Args   []string  // without the program's name
	Stdin  io.Reader // nil: nobody can be asked
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string

	// Stat looks for the files that hold settings; nil is os.Stat. A test has its
	// own, which does not see what is configured on the machine it runs on.
	Stat func(string) (fs.FileInfo, error)
	// DNS reaches the name servers that are asked what stands at a name, and those
	// of the system; nil is the network. A test has name servers of its own.
	DNS httpx.Dial
	// Health is added to the name by which a healthcheck finds a daemon that
	// serves nothing; a test has its own, or it would ask another one's.
	Health string

	settings *app.Settings // and what the command line says of them
}

// Process is the Env of this process.
func Process() Env {
	return Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
}

// newSettings is where the settings of env are, before the command line is read.
func (env *Env) newSettings() *app.Settings {
	return &app.Settings{Getenv: env.Getenv, Stat: env.Stat, DNS: env.DNS, Health: env.Health, Version: version(), Log: env.Stderr, Colour: bool(painter(env, env.Stderr))}
}

// Main runs the command that env names and returns the exit code.
func Main(env Env) int {
	if env.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1) // an updater waits; one thread for Go code saves half a megabyte
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	env.Args = fileNamed(env.Args)
	env.settings = env.newSettings()
	root := newRoot(&env)
	own := grammarOf(root)
	env.settings.Again = func() error { return env.recognise(own) }
	if err := env.settings.Again(); err != nil {
		complain(env.Stderr, err)
		return exitUsage
	}
	root.SetArgs(append([]string{}, env.args()...)) // nil would be the arguments of the process
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	daemon, runs := errors.AsType[toRun](err)
	switch { // by now nothing holds the commands any more, which lets the daemon be smaller
	case runs && daemon.first.Applies():
		err = setUp(ctx, &env)
	case runs:
		err = keepRunning(ctx, &env, nil)
	}
	if err == nil {
		return exitDone
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	complain(env.Stderr, err)
	env.adviseStart(err, daemon.first)
	if _, online := errors.AsType[*provider.Error](err); online {
		return exitFailed
	}
	return exitUsage
}

// nearFlag adds to the complaint about a flag that is not there the one that may
// have been meant.
func nearFlag(c *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var flags []string
	c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
	if near := config.DidYouMean("--"+unknown.GetSpecifiedName(), flags); near != "" {
		return fmt.Errorf("%w; %s", err, near)
	}
	return err
}

// exitCode ends a command that has said all there is to say.
type exitCode int

func (exitCode) Error() string { return "" }

func newRoot(env *Env) *cobra.Command {
	run := runCommand(env)
	var askedVersion bool
	root := &cobra.Command{
		Use:   "homing",
		Short: "Keep DNS records pointing at your current IP addresses",
		Long: `homing keeps DNS pointing home: it learns the public addresses of the place it
runs in and keeps your DNS records up to date with them.

Set CLOUDFLARE_API_TOKEN and DOMAINS, or write a homing.yaml ("homing init" asks
for everything). "homing plan" shows what would change, "homing run" starts it.
"homing demo" shows the whole job without an account or a network.`,
		// Without Args: cobra then suggests a command for a misspelt one. What
		// stands behind "--" it leaves to us.
		RunE: func(c *cobra.Command, args []string) error {
			if err := subcommand(c, args); err != nil {
				return err
			}
			if askedVersion {
				_, err := fmt.Fprint(env.Stdout, versionLine())
				return err
			}
			return run.RunE(c, args)
		},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	withSetup(root)
	// Not cobra's own flag: its template would bring text/template, 2 MB.
	root.Flags().BoolVar(&askedVersion, "version", false, "print the version")
	root.SetFlagErrorFunc(nearFlag)
	root.PersistentFlags().StringVar(&env.settings.Path, "config", "", "read the settings from this `file` instead of searching for a homing.yaml")
	root.PersistentFlags().BoolVarP(&env.settings.Verbose, "verbose", "v", false, "log every request and answer, without secrets")
	root.AddCommand(run, onceCommand(env), planCommand(env), detectCommand(env), doctorCommand(env), configCommand(env),
		initCommand(env), migrateCommand(env), clearCommand(env), statusCommand(env), syncCommand(env), healthcheckCommand(env), tokenCommand(env), notifyCommand(env), hostsCommand(env), demoCommand(env), versionCommand(env), settingsTopic())
	return root
}
