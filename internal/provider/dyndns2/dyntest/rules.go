package dyntest

import "net/url"

// rule is what a service wants of a request, as its makers describe it.
type rule struct {
	path      string
	name      string            // the parameter that names the host
	four, six string            // those of the addresses; alike where one holds both
	fixed     map[string]string // what else there must be
	open      map[string]string // parameters that hold the user and the password, which are "user" and "password"
	keeps     string            // the word that keeps a family
	alone     bool              // one family a request
	stays     bool              // what is not said stays
}

const dyn = "/nic/update"

func ruleOf(service string) rule {
	joined := rule{path: dyn, name: "hostname", four: "myip", six: "myip"}
	single := joined
	single.alone, single.stays = true, true
	switch service {
	case "no-ip", "dyn", "strato":
		return joined
	case "he.net", "infomaniak", "selfhost", "spdyn", "nsupdate.info":
		return single
	case "dynu":
		return rule{path: dyn, name: "hostname", four: "myip", six: "myipv6", keeps: "no"}
	case "dns-o-matic":
		return rule{path: dyn, name: "hostname", four: "myip", fixed: map[string]string{"wildcard": "NOCHG", "mx": "NOCHG", "backmx": "NOCHG"}}
	case "ovh":
		return rule{path: dyn, name: "hostname", four: "myip", fixed: map[string]string{"system": "dyndns"}}
	case "ionos":
		return rule{path: "/dns/v1/dyndns", four: "ipv4", six: "ipv6", open: map[string]string{"q": "password"}}
	case "inwx":
		return rule{path: dyn, name: "hostname", four: "myip", six: "myipv6"}
	case "loopia":
		return rule{path: "/", name: "hostname", four: "myip"}
	case "all-inkl":
		return rule{path: "/", name: "host", four: "myip", six: "myip6"}
	case "ddnss":
		return rule{path: "/upd.php", name: "host", four: "ip", six: "ip6", open: map[string]string{"user": "user", "pwd": "password"}}
	case "desec":
		return rule{path: "/", name: "hostname", four: "myipv4", six: "myipv6", keeps: "preserve"}
	case "duckdns":
		return rule{path: "/update", name: "domains", four: "ip", six: "ipv6", open: map[string]string{"token": "password"}, fixed: map[string]string{"verbose": "true"}}
	case "freedns":
		return rule{path: "/u/{password}/", four: "address", open: map[string]string{}}
	case "namecheap":
		return rule{path: "/update", name: "host", four: "ip", open: map[string]string{"password": "password"}}
	case "dynv6":
		return rule{path: "/api/update", name: "zone", four: "ipv4", six: "ipv6", open: map[string]string{"token": "password"}, stays: true}
	}
	return rule{path: "/up", name: "h", four: "ip", six: "ip6", open: map[string]string{}} // of the service url
}

// said is what a request says of each family: "=" keeps it.
func said(rule rule, q url.Values) (four, six, why string) {
	if rule.four == rule.six {
		four, six, err := families(q.Get(rule.four))
		switch {
		case err != nil:
			return "", "", "no address: " + q.Get(rule.four)
		case rule.alone && four != "" && six != "":
			return "", "", "two families at once"
		}
		return orStays(rule, four), orStays(rule, six), ""
	}
	four, six = "", ""
	for _, f := range []struct {
		key string
		to  *string
	}{{rule.four, &four}, {rule.six, &six}} {
		value := q.Get(f.key)
		a, b, err := families(value)
		switch {
		case f.key == "" || value == "" && rule.stays || rule.keeps != "" && value == rule.keeps:
			*f.to = "="
		case value == "": // it is deleted: the nastiest there is
		case err != nil || (f.to == &four) != (a != "") || a != "" && b != "":
			return "", "", "no address of the family: " + value
		default:
			*f.to = value
		}
	}
	return four, six, ""
}

func orStays(rule rule, value string) string {
	if value == "" && rule.stays {
		return "="
	}
	return value
}
