module github.com/homing-dns/homing/companion/libdns/contract

go 1.26.0

require (
	github.com/homing-dns/homing v0.0.0
	github.com/homing-dns/homing/companion/libdns v0.0.0
	github.com/libdns/libdns v1.1.1
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace (
	github.com/homing-dns/homing => ../../..
	github.com/homing-dns/homing/companion/libdns => ..
)
