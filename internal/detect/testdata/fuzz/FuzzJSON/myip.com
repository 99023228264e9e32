go test fuzz v1
string("{\"ip\":\"8.8.4.4\",\"country\":\"Germany\",\"cc\":\"DE\"}")
string("ip")
bool(true)
