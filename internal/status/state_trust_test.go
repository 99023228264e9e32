package status

import (
	"io/fs"
	"strings"
	"testing"
)

// Who may write into a state folder may put a history and a token there.
func TestAStateFolderOfOthersIsForeign(t *testing.T) {
	homing := process{uid: 65532, groups: []int{65532, 2000}}
	root := process{uid: 0, groups: []int{0}}
	for name, tt := range map[string]struct {
		is   folderAccess
		who  process
		want string // in the reason and the cure; empty: it is used
	}{
		"made by homing":                       {folderAccess{65532, 65532, 0o700}, homing, ""},
		"of systemd":                           {folderAccess{65532, 65532, 0o755}, homing, ""},
		"root's":                               {folderAccess{0, 0, 0o755}, homing, ""},
		"root's, of the group root":            {folderAccess{0, 0, 0o775}, homing, ""},
		"a claim of Kubernetes with fsGroup":   {folderAccess{0, 2000, fs.ModeSetgid | 0o775}, homing, ""},
		"with the own group":                   {folderAccess{65532, 65532, 0o775}, homing, ""},
		"an emptyDir of Kubernetes":            {folderAccess{0, 65532, fs.ModeSetgid | 0o777}, homing, "chmod o-w"},
		"everybody's":                          {folderAccess{65532, 65532, 0o777}, homing, "mode 0777"},
		"like /tmp, where a file may be there": {folderAccess{0, 0, fs.ModeSticky | 0o777}, homing, "chmod o-w"},
		"of a group homing is not in":          {folderAccess{65532, 100, 0o775}, homing, "the group 100"},
		"another user's":                       {folderAccess{1000, 1000, 0o755}, homing, "chown 65532"},
		"another user's for root":              {folderAccess{1000, 1000, 0o700}, root, "belongs to uid 1000"},
		"root's own":                           {folderAccess{0, 0, 0o700}, root, ""},
	} {
		why, cure := tt.is.whyForeign(tt.who)
		if said := why + " " + cure; !strings.Contains(said, tt.want) || tt.want == "" && why != "" {
			t.Errorf("%s: %q", name, said)
		}
	}
}
