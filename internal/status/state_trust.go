package status

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/homing-dns/homing/internal/text"
)

// folderAccess is whose a folder is, and who may write into it.
type folderAccess struct {
	uid, gid int
	mode     fs.FileMode
}

// process is who homing runs as.
type process struct {
	uid    int
	groups []int
}

// Foreign is why a state folder is not used: it is another user's, or others may
// write into it, so that what lies there may be theirs. Root may read anybody's,
// where it only asks what a daemon of that user's knows. Nil is a good folder,
// and one that is not there yet.
func Foreign(folder string, onlyAsks bool) error {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return nil // whoever opens it says what is wrong
	}
	uid, gid, known := OwnerOf(info)
	if !known {
		return nil
	}
	me := process{uid: os.Geteuid(), groups: []int{os.Getegid()}}
	if more, err := os.Getgroups(); err == nil {
		me.groups = append(me.groups, more...)
	}
	if onlyAsks && me.uid == 0 {
		me.uid = uid
	}
	why, cure := folderAccess{uid, gid, info.Mode()}.whyForeign(me)
	if why == "" {
		return nil
	}
	return text.Errorf("the state folder %s is not used, because %s: its contents may be somebody else's; %s %s, or let homing create its own folder in it with %s",
		folder, why, cure, folder, text.The("state").To(folder+"/homing"))
}

// whyForeign is what speaks against a folder, and the command that helps. Root's
// folders are everybody's to believe, and whoever shares a group of homing's was
// put there by whoever runs it: so do fsGroup of Kubernetes and group= of a unit.
func (a folderAccess) whyForeign(p process) (why, cure string) {
	switch {
	case a.uid != p.uid && a.uid != 0:
		return fmt.Sprintf("it belongs to uid %d and homing runs as uid %d", a.uid, p.uid), fmt.Sprintf("chown %d", p.uid)
	case a.mode.Perm()&0o002 != 0:
		return fmt.Sprintf("everybody can write to it (mode %04o)", a.mode.Perm()), "chmod o-w"
	case a.mode.Perm()&0o020 != 0 && a.gid != 0 && !slices.Contains(p.groups, a.gid):
		return fmt.Sprintf("the group %d can write to it (mode %04o)", a.gid, a.mode.Perm()), "chmod g-w"
	}
	return "", ""
}
