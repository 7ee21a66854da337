#!/bin/bash
# A study over SSH to two hosts, made and taken down here: two sshd on loopback addresses, each in a mount
# namespace in which the project's folder is its own. Its numbers are compared with those of the same study
# run here. Wants root, openssh-server, GNU parallel, rsync:
#
#   bash scripts/study/ssh-trial.sh
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /tmp/ntm-ssh-XXXXXX)
at=$work/project
study=runs/ssh-trial-$$
trap 'for pid in "$work"/*/sshd.pid; do [ -f "$pid" ] && kill "$(cat "$pid")"; done; rm -rf "$work" "$project/$study"' EXIT
mkdir -p "$at" /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
cp "$work/key.pub" "$work/authorized"

copy() {
  mkdir -p "$1"
  (cd "$project" && cp -r package.json tsconfig.json kernels src scripts "$1" && ln -s "$project/node_modules" "$1/node_modules")
}

start_host() { # name, address
  local root=$work/$1
  copy "$root/project"
  ssh-keygen -q -t ed25519 -N '' -f "$root/host_key"
  cat >"$root/sshd_config" <<END
ListenAddress $2:2222
HostKey $root/host_key
PidFile $root/sshd.pid
AuthorizedKeysFile $work/authorized
StrictModes no
UsePAM no
PermitRootLogin yes
PermitUserEnvironment no
AcceptEnv PATH
SetEnv PATH=$PATH
END
  unshare -m bash -c "mount --bind '$root/project' '$at' && exec /usr/sbin/sshd -f '$root/sshd_config'"
  cat >>"$work/ssh_config" <<END
Host $1
  HostName $2
  Port 2222
  IdentityFile $work/key
  UserKnownHostsFile $work/known_hosts
  StrictHostKeyChecking accept-new
  LogLevel ERROR
END
  echo "1/ssh -F $work/ssh_config $1" >>"$work/hosts"
}
start_host alpha 127.0.0.2
start_host beta 127.0.0.3

cd "$project"
what=(copy --seeds 1..5 --set learningRate=4e-3,8e-3)
training=(-- --hidden 8 --memory 8x4 --bits 1 --max-length 2 --batch 2 --backend webasm --iterations 2000 --length 2 --sequences 4 --save-every 0.5)
ntm=(node --import tsx scripts/ntm.ts)
numbers() { "${ntm[@]}" report "$1" --json | grep -v -E '"(seconds|folder)"'; }

over_ssh=("${ntm[@]}" sweep "${what[@]}" --out "$study" --engine parallel --hosts "$work/hosts" --at "$at")
echo "== the study over SSH, interrupted after ${1:-8} s"
"${over_ssh[@]}" "${training[@]}" & sweep=$!
sleep "${1:-8}"
kill -INT $sweep
wait $sweep || echo "exit code $?"
echo "== and continued"
"${over_ssh[@]}" "${training[@]}"
for host in alpha beta; do echo "runs done on $host: $(awk -v h="$host" '$0 ~ h' "$study/parallel.log" | wc -l)"; done
echo "== the same study here"
"${ntm[@]}" sweep "${what[@]}" --out "$work/here" "${training[@]}"
diff <(numbers "$study") <(numbers "$work/here") && echo "the numbers are equal: $(numbers "$study" | grep -c '"outcome"') runs"
"${ntm[@]}" report "$study"
