package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker for a release; a build from source takes its
// version from the build information.
var release string

// version is the version of this binary, such as "1.2.0" or "devel".
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// userAgent is how homing introduces itself to servers.
func userAgent() string { return "homing/" + version() }

// versionLine is what homing version and homing --version print.
func versionLine() string {
	return fmt.Sprintf("homing %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func versionCommand(env *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				platform := runtime.GOOS + "/" + runtime.GOARCH
				return json.NewEncoder(env.Stdout).Encode(map[string]any{
					"schema": 1, "version": version(), "go": runtime.Version(), "platform": platform})
			}
			_, err := fmt.Fprint(env.Stdout, versionLine())
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
