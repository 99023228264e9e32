module github.com/homing-dns/homing/tools/sdk/digitalocean

go 1.26.0

replace github.com/homing-dns/homing => ../../..

require (
	github.com/digitalocean/godo v1.240.0
	github.com/homing-dns/homing v0.0.0-00010101000000-000000000000
)

require (
	github.com/google/go-querystring v1.1.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.7 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/oauth2 v0.27.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.6.0 // indirect
)
