package app

import "testing"

func TestWhatGoesWithAContainer(t *testing.T) {
	const root = "600 500 0:50 / / ro,relatime - overlay overlay rw,lowerdir=/a:/b\n601 600 0:51 / /proc rw - proc proc rw\n"
	const volume = "602 600 8:1 /var/lib/docker/volumes/homing/_data /state rw,relatime master:1 - ext4 /dev/sda1 rw\n"
	for name, tt := range map[string]struct {
		mounts, folder string
		passes         bool
	}{
		"no volume":                     {root, "/state", true},
		"a volume":                      {root + volume, "/state", false},
		"a folder in a volume":          {root + volume, "/state/homing", false},
		"a name that begins like it":    {root + volume, "/statement", true},
		"in memory":                     {root + "602 600 0:52 / /state rw - tmpfs tmpfs rw\n", "/state", true},
		"in memory, in a volume":        {root + volume + "603 602 0:52 / /state/mem rw - tmpfs tmpfs rw\n", "/state/mem", true},
		"a volume over what was there":  {root + "602 600 0:52 / /state rw - tmpfs tmpfs rw\n" + volume, "/state", false},
		"the files of the root's own":   {"600 500 8:1 /a / ro - ext4 /dev/sda1 rw\n602 600 8:1 /b /state rw - ext4 /dev/sda1 rw\n", "/state", false},
		"a volume with a blank in it":   {root + `602 600 8:1 / /my\040state rw - ext4 /dev/sda1 rw` + "\n", "/my state", false},
		"what nobody can make out":      {"nonsense\n - \n", "/state", false},
		"nothing that could be read":    {"", "/state", false},
		"with fields that are optional": {root + "602 600 8:1 / /state rw shared:1 master:2 propagate_from:3 - xfs /dev/sdb rw\n", "/state", false},
	} {
		if got := passesIn(tt.mounts, tt.folder); got != tt.passes {
			t.Errorf("%s: %t", name, got)
		}
	}
}
