# Sourced by `run`: memory of a server's process, bytes.

# live_heap PID: the live heap of a JVM, after full collections; status 1 for other processes.
live_heap() {
  local _
  # Others are not asked: jcmd would send them SIGQUIT, at which nginx ends.
  case "$(readlink "/proc/$1/exe")" in */java) ;; *) return 1 ;; esac
  for _ in once again; do
    "$JAVA_HOME/bin/jcmd" "$1" GC.run >/dev/null 2>&1 || return 1
  done
  # Survivors, eden and old, in KB.
  "$JAVA_HOME/bin/jstat" -gc "$1" | awk '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
    NR == 2 {
      print 1024 * ($column["S0U"] + $column["S1U"] + $column["EU"] + $column["OU"])
    }'
}

# native_memory PID: what a JVM holds besides its heap and besides files that it maps: the resident
# anonymous pages outside the heap's addresses.
native_memory() {
  local from=0 to=0 address low high name value heap=0 sum=0 _
  for address in $("$JAVA_HOME/bin/jcmd" "$1" GC.heap_info |
    grep -v -i -e metaspace -e 'class space' | grep -o '0x[0-9a-f]*'); do
    [ "$from" != 0 ] && [ $((address)) -ge "$from" ] || from=$((address))
    [ $((address)) -le "$to" ] || to=$((address))
  done
  while read -r name value _; do
    case "$name" in
      Anonymous:) [ "$heap" = 1 ] || sum=$((sum + value)) ;;
      *)
        low="${name%-*}" high="${name#*-}" heap=1
        [ $((16#$low)) -ge "$from" ] && [ $((16#$high)) -le "$to" ] || heap=0
        ;;
    esac
  done < <(grep -E '^([0-9a-f]+-[0-9a-f]+ |Anonymous:)' "/proc/$1/smaps")
  echo $((sum * 1024))
}

resident_memory() {
  awk '$1 == "VmRSS:" { print 1024 * $2 }' "/proc/$1/status"
}

# write_memory SERVER N: lines of the results file for the server that runs now.
write_memory() {
  local live
  if live="$(live_heap "$server_pid")"; then
    record "$1" "$2" - - live_and_native \
      "$(awk -v a="$live" -v b="$(native_memory "$server_pid")" 'BEGIN { printf "%.0f", a + b }')"
  fi
  record "$1" "$2" - - resident "$(resident_memory "$server_pid")"
}
