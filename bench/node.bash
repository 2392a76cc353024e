# Sourced by the benchmarks that start a server of their own: one node on a new directory inside
# target/ (or $BENCH_DIR), which has to lie on a real disk where durability counts. Both are gone
# when the script ends. Sets JAVA_HOME.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bench="$root/bench"
# shellcheck source=../bin/find-jdk
. "$root/bin/find-jdk"

directory=""
node_pid=""

say() {
  echo "${0##*/}: $*" >&2
}

# Microseconds since the epoch.
now_micros() {
  echo "${EPOCHREALTIME//[!0-9]/}"
}

clean_up() {
  local status=$?
  if [ "$status" -ne 0 ] && [ -n "$directory" ] && [ -s "$directory/server.log" ]; then
    say "the last lines of the server:"
    tail -n 15 "$directory/server.log" >&2
  fi
  # A script that starts more processes than this one defines `end_children`.
  [ "$(type -t end_children)" != function ] || end_children
  node_stop
  [ -z "$directory" ] || rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Builds what is stale and makes the directory. Before the first node_start.
node_prepare() {
  "$root/fanfare" --version >/dev/null
  mkdir -p "${BENCH_DIR:-$root/target}"
  directory="$(mktemp -d "${BENCH_DIR:-$root/target}/bench.XXXXXX")"
}

# Starts a server and waits until it says that it is ready; sets node_pid, node_api, node_gateway,
# node_key, and node_start_micros, the time that this took in microseconds. On a new directory it
# takes as many requests as come. Arguments: a command to start it with, such as taskset.
node_start() {
  local waited=0 began fresh=yes
  [ ! -d "$directory/data" ] || fresh=no
  rm -f "$directory/data/ready.json"
  began="$(now_micros)"
  "$@" "$root/fanfare" serve --dev --data "$directory/data" \
    --api 127.0.0.1:0 --gateway 127.0.0.1:0 >>"$directory/server.log" 2>&1 &
  node_pid=$!
  while [ ! -f "$directory/data/ready.json" ]; do
    if ! kill -0 "$node_pid" 2>/dev/null || [ $((waited += 1)) -gt 12000 ]; then
      say "the server did not become ready"
      exit 1
    fi
    sleep 0.01
  done
  node_start_micros=$(($(now_micros) - began))
  node_api="$(json_text api ready.json | sed 's#^http://##')"
  node_gateway="$(json_text gateway ready.json | sed 's#^ws://##')"
  node_key="$(json_text apiKey credentials.json)"
  [ "$fresh" = no ] || "$root/fanfare" app set demo --limit requestsPerSecond=0 \
    --data "$directory/data" >/dev/null
}

# Stops the server, if one runs.
node_stop() {
  [ -n "$node_pid" ] || return 0
  kill "$node_pid" 2>/dev/null || true
  wait "$node_pid" 2>/dev/null || true
  node_pid=""
}

# Ends the server as a crash would.
node_kill() {
  kill -KILL "$node_pid"
  wait "$node_pid" 2>/dev/null || true
  node_pid=""
}

# A memory line of /proc/PID/status, such as VmRSS or VmHWM; kilobytes of 1,024 bytes.
node_kilobytes() {
  awk -v name="$1:" '$1 == name { print $2 }' "/proc/$node_pid/status"
}

# The first text value of that name in a file of the data directory.
json_text() {
  grep -o "\"$1\" *: *\"[^\"]*\"" "$directory/data/$2" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'
}

# Runs one of the Java programs here.
java_run() {
  local program="$1"
  shift
  "$JAVA_HOME/bin/java" "$bench/$program.java" "$@"
}

# Whole positive numbers only, or wrong usage.
need_number() {
  case "$2" in
    '' | *[!0-9]* | 0*)
      say "$1 has to be a number above 0, not '$2'"
      exit 2
      ;;
  esac
}
