# Sourced by `run`: the servers that it can measure. For each a `have_NAME`, which gets what it
# needs or ends with status 1, and a `start_NAME N`, for N devices, which sets
#   server_pid      the process whose time and memory count (0: none runs)
#   top_pid         the process to end, mostly the same
#   client_options  how client.c reaches it
# `$server_prefix` pins it to its core.

server_pid=0
top_pid=""
client_options=()

# start_peer DIALECT COMMAND...: a program that prints "ready DEVICES SEND" when it is.
start_peer() {
  local dialect="$1" log="$directory/$1.log" waited=0 devices send _
  shift
  : >"$log" # before it is read: it may hold what the peer before said
  ${server_prefix[@]+"${server_prefix[@]}"} "$@" >>"$log" 2>&1 &
  top_pid=$! server_pid=$!
  while ! grep -q '^ready ' "$log"; do
    if ! kill -0 "$top_pid" 2>/dev/null || [ $((waited += 1)) -gt 3000 ]; then
      say "the peer for $dialect did not start:"
      tail -n 5 "$log" >&2
      exit 1
    fi
    sleep 0.01
  done
  read -r _ devices send < <(grep '^ready ' "$log")
  client_options=(--dialect "$dialect" --devices "$devices" --send "$send")
}

stop_server() {
  [ -z "$top_pid" ] || {
    kill "$top_pid" 2>/dev/null || true
    wait "$top_pid" 2>/dev/null || true
  }
  top_pid=""
  server_pid=0
  node_stop
}

# ---- Fanfare ----

have_ours() { :; }

start_ours() {
  rm -rf "$directory/data"
  node_start ${server_prefix[@]+"${server_prefix[@]}"}
  ours_ready "$1"
}

# With Java's own sockets instead of the kernel's epoll, where the server has that setting.
have_ours-nio() { grep -q '^| `transport` ' "$root/docs/configuration.md"; }

start_ours-nio() {
  FANFARE_TRANSPORT=nio start_ours "$1"
}

ours_ready() {
  java_run Prepare --data "$directory/data" --members "$1" --tokens "$directory/tokens" >/dev/null
  server_pid="$node_pid"
  client_options=(--dialect fanfare --devices "$node_gateway" --send "$node_api"
    --key "$node_key" --tokens "$directory/tokens")
}

# ---- the floor: one send() per recipient and message ----

have_floor() {
  gcc -O2 -Wall -Wextra -Werror -o "$directory/floor" "$bench/fanout/floor.c"
}

start_floor() {
  start_peer floor "$directory/floor"
}

# ---- Nchan: a module of nginx ----

# It insists on the folder /var/lib/nginx, whatever the configuration says of temporary files
# (github.com/slact/nchan/issues/677). So nginx gets an empty /var/lib of its own, in a mount
# namespace that nobody else sees.

have_nchan() {
  unshare --map-root-user --mount true 2>/dev/null && debian_unpack nchan nginx libnginx-mod-nchan
}

start_nchan() {
  local home="$directory/nchan" port waited=0
  port="$(free_port)"
  mkdir -p "$home"
  sed -e "s#@HOME@#$home#g; s#@PORT@#$port#g" \
    -e "s#@MODULES@#$peers/nchan/usr/lib/nginx/modules#g" \
    "$bench/fanout/peers/nginx.conf" >"$home/nginx.conf"
  LD_LIBRARY_PATH="$(debian_libraries nchan)" ${server_prefix[@]+"${server_prefix[@]}"} \
    unshare --map-root-user --mount sh -c \
    'mount -t tmpfs none /var/lib && mkdir /var/lib/nginx && exec "$@"' sh \
    "$peers/nchan/usr/sbin/nginx" -p "$home" -e "$home/error.log" -c "$home/nginx.conf" \
    2>"$directory/nginx.log" &
  top_pid=$!
  until server_pid="$(cut -d' ' -f1 "/proc/$top_pid/task/$top_pid/children" 2>/dev/null)" &&
    [ -n "$server_pid" ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ! kill -0 "$top_pid" 2>/dev/null || [ $((waited += 1)) -gt 300 ]; then
      say "nginx did not start:"
      tail -n 5 "$directory/nginx.log" >&2
      exit 1
    fi
    sleep 0.05
  done
  client_options=(--dialect nchan --devices "127.0.0.1:$port" --send "127.0.0.1:$port")
}

# ---- Socket.IO, in Java and in JavaScript ----

have_netty-socketio() { maven_classpath netty-socketio "$bench/fanout/peers/pom.xml"; }

start_netty-socketio() {
  maven_classpath netty-socketio "$bench/fanout/peers/pom.xml"
  start_peer socketio "$JAVA_HOME/bin/java" \
    -XX:+UseCompactObjectHeaders -XX:+UseG1GC -Xmx"${FANFARE_HEAP:-1g}" \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$classpath" "$bench/fanout/peers/NettySocketIo.java" "$(free_port)"
}

have_socketio() { npm_install socketio socket.io@4.8; }

start_socketio() {
  start_peer socketio env NODE_PATH="$peers/socketio/node_modules" NODE_ENV=production \
    node "$bench/fanout/peers/socketio.cjs"
}
