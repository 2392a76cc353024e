# Sourced by the benchmarks that compare with PostgreSQL: a cluster of their own, on a free port.
# Needs packages.bash. It runs as another user when this one is root, which PostgreSQL refuses; that
# user has to be able to reach the folder.

postgresql_pid=""

# postgresql_start FOLDER OPTION...: makes a cluster in FOLDER/data and starts it with such options
# as `-c fsync=off`; sets postgresql_pid and postgresql_url. Status 1 when it cannot be had.
postgresql_start() {
  local folder="$1" bin port as=() libraries waited=0
  shift
  bin="$(find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)"
  if [ -z "$bin" ]; then
    debian_unpack postgresql postgresql || return 1
    bin="$(find "$peers"/postgresql/usr/lib/postgresql/*/bin -maxdepth 0 | tail -n 1)"
  fi
  if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid=nobody --clear-groups)
    chown nobody "$folder"
  fi
  libraries="$(debian_libraries postgresql)"
  (cd / && LD_LIBRARY_PATH="$libraries" ${as[@]+"${as[@]}"} "$bin/initdb" -D "$folder/data" \
    -A trust -U bench --no-sync --locale=C -E UTF8) >"$directory/postgresql.log" 2>&1 || return 1
  port="$(free_port)"
  (cd / && LD_LIBRARY_PATH="$libraries" exec ${as[@]+"${as[@]}"} "$bin/postgres" \
    -D "$folder/data" -c "port=$port" -c listen_addresses=127.0.0.1 \
    -c "unix_socket_directories=$folder" "$@") >>"$directory/postgresql.log" 2>&1 &
  postgresql_pid=$!
  postgresql_url="jdbc:postgresql://127.0.0.1:$port/postgres?user=bench"
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$postgresql_pid" 2>/dev/null && [ $((waited += 1)) -le 600 ] || return 1
    sleep 0.05
  done
}

# Ends it now, without waiting for its clients; if one runs.
postgresql_stop() {
  [ -n "$postgresql_pid" ] || return 0
  kill -INT "$postgresql_pid" 2>/dev/null || true
  wait "$postgresql_pid" 2>/dev/null || true
  postgresql_pid=""
}
