module github.com/homing-dns/homing/companion/libdns

go 1.26.0

require (
	github.com/libdns/cloudns v1.2.0
	github.com/libdns/godaddy v1.1.0
	github.com/libdns/ionos v1.2.0
	github.com/libdns/libdns v1.1.1
	github.com/libdns/namesilo v1.0.0
	github.com/libdns/netcup v1.0.0
	github.com/libdns/ovh v1.1.0
)

require (
	github.com/golang/protobuf v1.5.3 // indirect
	github.com/ovh/go-ovh v1.7.0 // indirect
	golang.org/x/net v0.22.0 // indirect
	golang.org/x/oauth2 v0.18.0 // indirect
	google.golang.org/appengine v1.6.7 // indirect
	google.golang.org/protobuf v1.31.0 // indirect
	gopkg.in/ini.v1 v1.67.0 // indirect
)
