#!/bin/bash
# A study on a real Slurm of one node, made and taken down here, with a job that is killed and queued again and
# time limits too short for a run. Its numbers are compared with those of the same study run here. Wants root,
# slurm-wlm and munge:
#
#   bash scripts/study/slurm-trial.sh [ITERATIONS of the long run, 1200000]
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /tmp/ntm-slurm-XXXXXX)
export SLURM_CONF=$work/slurm.conf
finish() {
  [ -f "$work/slurmd.pid" ] && scancel --full --user root && sleep 1
  for pid in "$work"/{slurmd,slurmctld,munged}.pid; do [ -f "$pid" ] && kill "$(cat "$pid")"; done
  sleep 1
  rm -rf "$work"
}
trap 'finish 2>/dev/null' EXIT
chmod 755 "$work"
mkdir "$work/state" "$work/spool"
dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 status=none
chmod 400 "$work/munge.key"
host=$(hostname -s)
cat >"$SLURM_CONF" <<END
ClusterName=trial
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
MaxArraySize=1001
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
munged --force --key-file "$work/munge.key" --socket "$work/munge.socket" --pid-file "$work/munged.pid" \
  --log-file "$work/munged.log" --seed-file "$work/munged.seed"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
sleep 3
sinfo

cd "$project"
what=(copy --seeds 1..5 --set learningRate=4e-3,8e-3)
training=(-- --hidden 8 --memory 8x4 --bits 1 --max-length 2 --batch 2 --backend webasm --iterations 2000 --length 2 --sequences 4 --save-every 0.5)
ntm=(node --import tsx scripts/ntm.ts)
numbers() { "${ntm[@]}" report "$1" --json | grep -v -E '"(seconds|folder)"'; }
# Waits until nothing is queued. Slurm lets what was requeued wait for two minutes; the trial does not.
drain() {
  for ((i = 0; i < 900; i++)); do
    [ -z "$(squeue --noheader)" ] && return
    for waiting in $(squeue --noheader --states=PD --array --format=%i:%r | sed -n 's/:BeginTime$//p'); do
      scontrol update JobId="$waiting" StartTime=now 2>/dev/null || true
    done
    sleep 1
  done
  echo "still queued:"; squeue; tail -5 "$work"/slurm*.log; exit 1
}

echo "== the study, two runs at a time; one is killed and queued again"
"${ntm[@]}" sweep "${what[@]}" --out "$work/study" --engine slurm --jobs 2 --time 5 "${training[@]}"
for ((i = 0; i < 60; i++)); do
  [ -n "$(squeue --noheader --states=R)" ] && break
  sleep 1
done
sleep 4
squeue --array --format='%10i %.3t %.6M %R' | head -5
element=$(squeue --noheader --states=R --array --format=%i | head -1)
scontrol requeue "$element" && echo "requeued $element"
drain
"${ntm[@]}" report "$work/study"

echo "== the same study here"
"${ntm[@]}" sweep "${what[@]}" --out "$work/here" "${training[@]}"
diff <(numbers "$work/study") <(numbers "$work/here") && echo "the numbers are equal: $(numbers "$work/study" | grep -c '"outcome"') runs"

echo "== a run that is longer than its time limit of two minutes saves, is queued again and goes on"
long=(-- --hidden 8 --memory 8x4 --bits 1 --max-length 2 --batch 2 --backend webasm --no-until-solved --iterations "${1:-1200000}" --length 2 --sequences 4)
"${ntm[@]}" sweep copy --seeds 1 --out "$work/long" --engine slurm --time 2 "${long[@]}"
drain
grep -h -E '^interrupted|^saved|iterations, ' "$work"/long/*/log.txt | cut -c1-100
grep -q '^interrupted' "$work"/long/*/log.txt || { echo "it ended before its limit: give more iterations: $0 3000000"; exit 1; }
"${ntm[@]}" report "$work/long"
