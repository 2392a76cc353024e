# Sourced by the benchmarks that run peers: fetches them into target/peers/ with the package
# managers' ordinary clients. Nothing is installed on the machine. Each function ends with status 1
# where a peer cannot be had; the benchmark then says so and goes on without it.

peers="$root/target/peers"

# debian_unpack NAME PACKAGE...: Debian packages, and what they need and this machine lacks, below
# target/peers/NAME; their programs find their libraries with LD_LIBRARY_PATH from debian_libraries.
debian_unpack() {
  local folder="$peers/$1" names package
  shift
  [ ! -f "$folder/complete" ] || return 0
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 1
  rm -rf "$folder"
  mkdir -p "$folder/packages"
  for _ in once again; do
    names="$(apt-get install -s --no-install-recommends --reinstall "$@" 2>/dev/null |
      awk '$1 == "Inst" { print $2 }')"
    # shellcheck disable=SC2086 # names are words
    [ -n "$names" ] && (cd "$folder/packages" && apt-get download $names) >/dev/null 2>&1 && break
    # An old index names packages that are gone.
    apt-get update >/dev/null 2>&1 || return 1
  done
  for package in "$folder"/packages/*.deb; do
    [ -f "$package" ] && dpkg-deb -x "$package" "$folder" || return 1
  done
  touch "$folder/complete"
}

debian_libraries() {
  local folder list=""
  for folder in "$peers/$1"/usr/lib/*-linux-gnu* "$peers/$1"/lib/*-linux-gnu*; do
    [ ! -d "$folder" ] || list="$list${list:+:}$folder"
  done
  echo "$list"
}

# maven_classpath NAME POM: sets `classpath` to what the pom names, from Maven Central.
maven_classpath() {
  local file="$peers/$1.classpath"
  if [ ! -f "$file" ] || [ "$2" -nt "$file" ]; then
    need_maven 2>/dev/null || return 1
    mkdir -p "$peers"
    mvn -q -f "$2" dependency:build-classpath -Dmdep.outputFile="$file" >/dev/null 2>&1 || return 1
  fi
  classpath="$(cat "$file")"
}

# npm_install NAME PACKAGE@VERSION: below target/peers/NAME/node_modules.
npm_install() {
  local folder="$peers/$1"
  [ ! -f "$folder/complete" ] || return 0
  command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 || return 1
  mkdir -p "$folder"
  npm install --prefix "$folder" --silent --no-audit --no-fund "$2" >/dev/null 2>&1 || return 1
  touch "$folder/complete"
}

# A port of 127.0.0.1 that nothing listens on now, below those that the kernel gives out.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}
