package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/config"
)

// target is a way in which homing may run on a machine.
type target struct {
	word, about string
	path        func(*initiation) string            // where its homing.yaml belongs
	refers      bool                                // it can name a file of a secret that is elsewhere
	beside      func(*initiation) map[string][]byte // files that it needs beside homing.yaml; nil: none
	next        func(*initiation) string            // what is left to do
}

func targets() []target {
	return []target{
		{word: "systemd", about: "As a systemd service", path: func(*initiation) string { return unitFile }, next: (*initiation).nextWithUnit},
		{word: "compose", about: "In a container, with Docker Compose", path: (*initiation).besideCompose, beside: composed, next: (*initiation).nextWithCompose},
		{word: "other", about: "Some other way: homing run, cron, another service manager", path: (*initiation).mine, refers: true, next: (*initiation).nextByHand},
	}
}

// unitFile is the homing.yaml of the unit.
const unitFile = "/etc/homing/homing.yaml"

// imageVariable is set in homing's container image.
const imageVariable = "HOMING_CONTAINER"

// machine is what decides how homing may run.
type machine struct {
	image   bool // homing's own container image
	systemd bool // it runs the services here
	root    bool
	docker  bool
}

func (env *Env) machine() machine {
	_, noSystemd := os.Stat("/run/systemd/system") // sd_booted(3)
	_, noDocker := exec.LookPath("docker")
	return machine{image: env.Getenv(imageVariable) != "", systemd: noSystemd == nil, root: os.Geteuid() == 0, docker: noDocker == nil && runtime.GOOS == "linux"}
}

// usual is the way that fits a machine.
func (m machine) usual() string {
	switch {
	case m.image, m.docker && !m.systemd:
		return "compose"
	case m.systemd && m.root:
		return "systemd"
	}
	return "other"
}

// chooseTarget asks how homing is to run, which says where homing.yaml belongs.
func (i *initiation) chooseTarget(ctx context.Context) error {
	all, word := targets(), cmp.Or(i.way, i.env.machine().usual())
	n := slices.IndexFunc(all, func(t target) bool { return t.word == word })
	if n < 0 {
		return fmt.Errorf("--for %s: the choices are systemd, compose and other", word)
	}
	if i.ask != nil && i.way == "" {
		i.say("\nHow should homing run?")
		var about []string
		for _, t := range all {
			about = append(about, t.about)
		}
		var err error
		if n, err = i.choose(ctx, about, n); err != nil {
			return err
		}
	}
	i.target = all[n]
	path, err := filepath.Abs(cmp.Or(i.env.settings.Path, i.env.Getenv("HOMING_CONFIG"), i.target.path(i)))
	if err != nil {
		return err
	}
	i.setup = i.env.settings.Setup(path)
	i.setup.Service = i.target.word == "systemd"
	return i.mayBegin(path)
}

// mayBegin tells early of what would keep homing.yaml from being written at the end.
func (i *initiation) mayBegin(path string) error {
	_, err := os.Lstat(path)
	switch there := err == nil; {
	case there && i.ask == nil && !i.force:
		return fmt.Errorf("%s already exists; --force overwrites it and keeps the old one as .bak", path)
	case there:
		i.warn(path+" already exists", "it is overwritten only if you confirm at the end, and the old one is kept as .bak")
	case path == unitFile && os.Geteuid() != 0:
		return fmt.Errorf("only root may write %s: sudo homing init", path)
	}
	return nil
}

// mine is where the homing.yaml of this person belongs, or of the machine.
func (i *initiation) mine() string {
	if _, err := os.Stat(filepath.Base(unitFile)); err == nil {
		return filepath.Base(unitFile) // it is read before all others
	}
	return i.env.settings.SetupPath()
}

func (i *initiation) besideCompose() string {
	if i.env.machine().image {
		return "/config/homing.yaml" // where the folder of the compose file is mounted
	}
	return "homing.yaml"
}

// composed is a compose file with which a container reads what stands beside it, as
// who may read it.
func composed(i *initiation) map[string][]byte {
	user := ""
	if uid := os.Getuid(); uid >= 0 {
		user = fmt.Sprintf("    user: \"%d:%d\" # the owner of these files\n", uid, os.Getgid())
	}
	return map[string][]byte{filepath.Join(filepath.Dir(i.made.Path), "compose.yaml"): []byte(`services:
  homing:
    image: ghcr.io/homing-dns/homing:1
    # The machine's own network: the plainest way to its IPv6.
    network_mode: host
    volumes:
      - .:/config # homing.yaml, its secret, and what homing keeps
    environment:
      HOMING_CONFIG: /config/` + filepath.Base(i.made.Path) + `
      HOMING_STATE: /config/state
` + user + `    restart: unless-stopped
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 64m
`)}
}

func (i *initiation) nextWithCompose() string {
	return "Start it in the folder with these files:\n\n    docker compose up -d\n" + i.aboutPage("docker compose logs homing")
}

// nextWithUnit is how the unit is started, and what it has to be told first.
func (i *initiation) nextWithUnit() string {
	var b, more strings.Builder
	if !slices.ContainsFunc([]string{"/etc", "/usr/local/lib", "/usr/lib", "/lib"}, func(folder string) bool {
		_, err := os.Stat(folder + "/systemd/system/homing.service")
		return err == nil
	}) {
		b.WriteString("The unit is not installed yet; docs/systemd.md says how.\n")
	}
	if i.made.Path != unitFile {
		fmt.Fprintf(&more, "    Environment=HOMING_CONFIG=%s\n", i.made.Path)
	}
	for _, path := range slices.Sorted(maps.Keys(i.made.Secrets)) {
		if name := filepath.Base(path); path != filepath.Join(filepath.Dir(unitFile), "cloudflare_api_token") {
			fmt.Fprintf(&more, "    LoadCredential=%s:%s\n", name, path)
		}
	}
	if more.Len() > 0 {
		b.WriteString("Tell the unit about these files with sudo systemctl edit homing:\n\n    [Service]\n" + more.String() + "\n")
	}
	b.WriteString("Start it now and at every boot:\n\n    sudo systemctl enable --now homing\n" + i.aboutPage("sudo homing token"))
	return b.String()
}

// nextByHand is how homing is started without anybody's help.
func (i *initiation) nextByHand() string {
	in := i.env.settings.Input()
	in.ConfigPath = ""
	path, _, _ := in.File()
	anywhere, here := filepath.IsAbs(path) && path == i.made.Path, i.sameFile(path)
	run, once := "homing run", i.program()+" once"
	if !here {
		run += " --config " + i.made.Path
	}
	if !anywhere {
		once += " --config " + i.made.Path
	}
	next := "Start it:\n\n    " + run + "\n\nor run it from cron:\n\n    " + cronLine(i.answers.Every) + "  " + once + "\n"
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		next += "\nTo run it as a service, see docs/macos-windows.md.\n"
	}
	return next + i.aboutPage("homing token")
}

// program is homing as cron finds it, whose PATH is short.
func (i *initiation) program() string {
	if path, err := os.Executable(); err == nil && !strings.ContainsAny(path, " \t%") {
		return path
	}
	return "homing"
}

// cronLine is when cron looks who looks every so often: a cron schedule as it is, and
// minutes that an hour is a multiple of; else what is usual.
func cronLine(every string) string {
	if len(strings.Fields(every)) == 5 {
		return every
	}
	d, err := time.ParseDuration(strings.TrimPrefix(every, "@every "))
	switch minutes := int(d / time.Minute); {
	case err != nil || minutes < 1 || minutes > 60 || 60%minutes != 0:
		return "*/5 * * * *"
	case minutes == 60:
		return "0 * * * *"
	case minutes == 1:
		return "* * * * *"
	default:
		return fmt.Sprintf("*/%d * * * *", minutes)
	}
}

func (i *initiation) sameFile(path string) bool {
	abs, err := filepath.Abs(path)
	return err == nil && abs == i.made.Path
}

// aboutPage is where the page will be, and how its token is found.
func (i *initiation) aboutPage(token string) string {
	at := i.made.Config.Serve.Listen
	if at == config.Off || strings.HasPrefix(at, "unix:") {
		return ""
	}
	return "\nThe page will be at http://" + at + ". It asks for a token, which is in the log of\nthe first start; \"" + token + "\" shows it later."
}
