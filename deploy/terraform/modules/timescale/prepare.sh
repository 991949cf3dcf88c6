#!/usr/bin/env bash
# Makes a host into a PostgreSQL server with TimescaleDB, its data on a volume that outlives the host. Run as root by the instance's first
# start, after the settings that main.tf writes in front of it. It may be run again, and then changes only what differs: the password of the
# secret, the size of the volume, a newer extension.
#
#   sudo /var/lib/cloud/instance/scripts/part-001
set -euo pipefail
# cloud-init sets none, and gpg wants one.
export HOME=${HOME:-/root}

: "${ADDRESS:?}" "${AWS_DEFAULT_REGION:?}" "${CERTIFICATE_PARAMETER:?}" "${DATABASE:?}" "${OWNER:?}" "${POSTGRESQL:?}" "${SECRET:?}" "${TIMESCALEDB?}" "${VOLUME:?}"
data=/data
cluster=$data/postgresql/$POSTGRESQL
configuration=/etc/postgresql/$POSTGRESQL/main
key_of_timescale=1005FB68604CE9B8F6879CF759F18EDF47F24417

main() {
  install_packages
  mount_volume
  make_certificate
  make_cluster
  configure
  systemctl start "postgresql@$POSTGRESQL-main"
  make_database
}

fail() {
  printf 'prepare: %s\n' "$*" >&2
  exit 1
}

install_packages() {
  if dpkg-query --show "timescaledb-2-postgresql-$POSTGRESQL" >/dev/null 2>&1; then return; fi
  export DEBIAN_FRONTEND=noninteractive
  local codename key
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get update
  apt-get install --yes --no-install-recommends ca-certificates curl gpg openssl postgresql-common python3-boto3

  # The PostgreSQL project's key comes with a package of the distribution; Timescale's comes from its repository, so it must be the known one.
  key=$(mktemp)
  curl --fail --silent --show-error --proto =https --retry 5 --output "$key" https://packagecloud.io/timescale/timescaledb/gpgkey
  if [[ $(gpg --show-keys --with-colons "$key" | awk -F: '/^pub/ { first = 1 } /^fpr/ && first { print $10; first = 0 }') != "$key_of_timescale" ]]; then
    fail "the key of Timescale's repository is not $key_of_timescale. If Timescale has announced a new one, set it here."
  fi
  gpg --dearmor --yes --output /usr/share/keyrings/timescaledb.gpg "$key"
  echo "deb [signed-by=/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc] https://apt.postgresql.org/pub/repos/apt $codename-pgdg main" >/etc/apt/sources.list.d/pgdg.list
  echo "deb [signed-by=/usr/share/keyrings/timescaledb.gpg] https://packagecloud.io/timescale/timescaledb/ubuntu/ $codename main" >/etc/apt/sources.list.d/timescaledb.list

  # Else the package would make a cluster on the root volume.
  echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
  apt-get update
  apt-get install --yes --no-install-recommends "postgresql-$POSTGRESQL" timescaledb-tools \
    "timescaledb-2-postgresql-$POSTGRESQL${TIMESCALEDB:+=$TIMESCALEDB}" "timescaledb-2-loader-postgresql-$POSTGRESQL${TIMESCALEDB:+=$TIMESCALEDB}"
}

mount_volume() {
  local device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/} status=0 system
  # Terraform attaches the volume once the instance runs, which this may be ahead of.
  udevadm wait --timeout=600 "$device" || fail "the volume $VOLUME was not attached within ten minutes"

  # 2 says that nothing is on it. Anything else must not be formatted.
  blkid --probe "$device" >/dev/null || status=$?
  case $status in
    0) ;;
    2) mkfs.xfs -L data "$device" ;;
    *) fail "what is on $VOLUME can't be told (blkid: $status)" ;;
  esac
  system=$(blkid --output value --match-tag TYPE "$device" || true)
  [[ $system == xfs ]] || fail "on $VOLUME is ${system:-no file system, but something else}, where xfs was expected: it is not this server's volume"
  mkdir -p $data
  if ! grep -q " $data " /etc/fstab; then
    echo "UUID=$(blkid --output value --match-tag UUID "$device") $data xfs defaults,noatime,nofail 0 2" >>/etc/fstab
  fi
  mountpoint --quiet $data || mount $data
  xfs_growfs $data
}

# Its own authority. Clients take it from the parameter, and verify with it (sslmode=verify-full).
make_certificate() {
  if ! openssl x509 -in $data/tls/server.crt -noout -checkhost "$ADDRESS" 2>/dev/null | grep -q 'does match'; then
    install -d -o postgres -g postgres -m 0700 $data/tls
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -sha256 -days 3650 -subj "/CN=$OWNER" \
      -addext "subjectAltName=DNS:$ADDRESS" -keyout $data/tls/server.key -out $data/tls/server.crt
  fi
  chown -R postgres:postgres $data/tls
  chmod 0600 $data/tls/server.key
  aws_call ssm put_parameter "Name=$CERTIFICATE_PARAMETER" "Value=$(<$data/tls/server.crt)" Type=String Overwrite=true >/dev/null
}

make_cluster() {
  local other file
  other=$(find $data/postgresql -mindepth 2 -maxdepth 2 -name PG_VERSION -not -path "$cluster/*" 2>/dev/null || true)
  [[ -z $other ]] || fail "$other: the volume has data of another version of PostgreSQL. Upgrade it (pg_upgradecluster), or set postgresql_version."
  if [[ -d $cluster ]]; then chown -R postgres:postgres $data/postgresql; fi
  if [[ -d $configuration ]]; then return; fi
  install -d -o postgres -g postgres $data/postgresql
  # Data of a host before this one is taken as it is; pg_createcluster wants its configuration there, which went with that host.
  if [[ -d $cluster ]]; then
    for file in postgresql pg_hba pg_ident; do
      install -o postgres -g postgres "/usr/share/postgresql/$POSTGRESQL/$file.conf.sample" "$cluster/$file.conf"
    done
  fi
  pg_createcluster "$POSTGRESQL" main --datadir "$cluster" --start-conf auto --encoding UTF8 --locale C.UTF-8 -- --data-checksums --auth-local peer --auth-host scram-sha-256
}

configure() {
  # Memory and workers by the host's size, once; what is set by hand afterwards stays.
  if [[ ! -e $configuration/conf.d/tidewatch.conf ]]; then
    timescaledb-tune --quiet --yes --pg-version "$POSTGRESQL" --conf-path "$configuration/postgresql.conf"
  fi
  cat >"$configuration/conf.d/tidewatch.conf" <<'CONFIGURATION'
listen_addresses = '*'
shared_preload_libraries = 'timescaledb,pg_stat_statements'
timescaledb.telemetry_level = off
password_encryption = 'scram-sha-256'
ssl = on
ssl_cert_file = '/data/tls/server.crt'
ssl_key_file = '/data/tls/server.key'
ssl_min_protocol_version = 'TLSv1.2'
log_connections = on
log_disconnections = on
log_lock_waits = on
log_statement = 'ddl'
log_min_duration_statement = '1s'
CONFIGURATION
  cat >"$configuration/pg_hba.conf" <<'HBA'
# Who has a shell on the host is asked by the kernel, everybody else for a password, by TLS alone.
local   all all     peer
hostssl all all all scram-sha-256
HBA
  install -d "/etc/systemd/system/postgresql@$POSTGRESQL-main.service.d"
  printf '[Unit]\nRequiresMountsFor=%s\n' "$data" >"/etc/systemd/system/postgresql@$POSTGRESQL-main.service.d/data.conf"
  systemctl daemon-reload
}

make_database() {
  local password
  password=$(aws_call secretsmanager get_secret_value "SecretId=$SECRET" | field SecretString | field password)
  # The password is in no list of processes, and in no log of statements.
  PASSWORD=$password sql postgres --set owner="$OWNER" --set database="$DATABASE" <<'SQL'
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\getenv password PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'owner', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL
  sql "$DATABASE" --command 'CREATE EXTENSION IF NOT EXISTS timescaledb' --command 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements'
  # Timescale wants this as the first statement of a connection.
  sql "$DATABASE" --command 'ALTER EXTENSION timescaledb UPDATE'
}

sql() {
  runuser --user postgres -- psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$@"
}

# aws_call SERVICE OPERATION KEY=VALUE...: the answer as JSON.
aws_call() {
  python3 -c '
import json, sys, boto3
service, operation, *pairs = sys.argv[1:]
arguments = dict(pair.split("=", 1) for pair in pairs)
arguments = {key: value == "true" if value in ("true", "false") else value for key, value in arguments.items()}
print(json.dumps(getattr(boto3.client(service), operation)(**arguments), default=str))' "$@"
}

field() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

main
