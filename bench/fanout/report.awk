# Prints the tables of fanout/run from its results file: medians over the runs, ratios to ours. Each
# line holds server, connections, in flight, payload, name of the figure, value.

function median(key, count, sorted, i, j, swap) {
  count = split(values[key], sorted, " ")
  for (i = 2; i <= count; i++) {
    for (j = i; j > 1 && sorted[j - 1] + 0 > sorted[j] + 0; j--) {
      swap = sorted[j]
      sorted[j] = sorted[j - 1]
      sorted[j - 1] = swap
    }
  }
  return count == 0 ? "" : sorted[int((count + 1) / 2)] + 0
}

# Lowest and highest in thousands, for an idea of the noise.
function range(key, count, each, i, low, high) {
  count = split(values[key], each, " ")
  low = high = each[1] + 0
  for (i = 2; i <= count; i++) {
    if (each[i] + 0 < low) low = each[i] + 0
    if (each[i] + 0 > high) high = each[i] + 0
  }
  return sprintf("%.0f-%.0f", low / 1000, high / 1000)
}

# The first in terms of the second.
function ratio(this, other) {
  return this == "" || other == "" ? "-" : sprintf("%.2f", this / other)
}

function row(server, n, k, bytes, key, rate, ours, one) {
  key = server " " n " " k " " bytes " "
  rate = median(key "deliveries_per_server_core_second")
  if (rate == "") return
  ours = median("ours " n " " k " " bytes " deliveries_per_server_core_second")
  one = median(server " " n " 1 " bytes " deliveries_per_server_core_second")
  printf "%8d %3d %6d  %-15s %11d %11s %8s %8s %9.2f %9.2f %9.2f %7.0f\n", n, k, bytes, server,
    rate, range(key "deliveries_per_server_core_second"), ratio(ours, rate), ratio(rate, one),
    median(key "request_to_last_ms_median"), median(key "request_to_last_ms_p99"),
    median(key "answer_to_last_ms_median"), median(key "client_busy_percent")
}

# Bytes per connection: between the smallest and the largest number of connections.
function per_connection(server, name, low, high) {
  low = median(server " " idle_least[server] " - - " name)
  high = median(server " " idle_most[server] " - - " name)
  if (low == "" || idle_most[server] == idle_least[server]) return "-"
  return sprintf("%.2f", (high - low) / (idle_most[server] - idle_least[server]) / 1024)
}

NF == 6 {
  key = $1 " " $2 " " $3 " " $4 " " $5
  values[key] = values[key] " " $6
  if (!($1 in known_server)) { known_server[$1] = 1; servers[++server_count] = $1 }
  if ($3 == "-") {
    if (!($1 in idle_least) || $2 + 0 < idle_least[$1]) idle_least[$1] = $2 + 0
    if ($2 + 0 > idle_most[$1]) idle_most[$1] = $2 + 0
  } else if (!($2 " " $3 " " $4 in known_case)) {
    known_case[$2 " " $3 " " $4] = 1
    cases[++case_count] = $2 " " $3 " " $4
  }
}

END {
  if (case_count > 0) {
    print "deliveries per second of the server's processor time, median and lowest-highest in"
    print "thousands; ours / this; this / the same with K = 1; milliseconds from the request to the"
    print "last recipient, median and p99; from the answer to the last recipient, median; the"
    print "share of the time in which the client had something to read or send"
    printf "%8s %3s %6s  %-15s %11s %11s %8s %8s %9s %9s %9s %7s\n", "N", "K", "bytes", "server",
      "per core-s", "range k", "ours is", "of K=1", "median", "p99", "answered", "client%"
  }
  for (i = 1; i <= case_count; i++) {
    split(cases[i], part, " ")
    for (s = 1; s <= server_count; s++) row(servers[s], part[1], part[2], part[3])
    print ""
  }
  for (s = 1; s <= server_count; s++) {
    server = servers[s]
    if (server in idle_most) {
      if (!headed++) print "KB of 1,024 bytes per connection: live heap + native, resident"
      printf "%-15s %10s %10s   (%d to %d)\n", server, per_connection(server, "live_and_native"),
        per_connection(server, "resident"), idle_least[server], idle_most[server]
    }
  }
}
