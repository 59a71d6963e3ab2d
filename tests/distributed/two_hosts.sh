#!/usr/bin/env bash
# Training in two processes on two hosts, which are network namespaces of this machine joined by a cable: Open MPI over TCP.
# two_hosts.sh PROGRAMS (the folder of tern-train); exits with 77 where it cannot be done.
#
# 1. A run over the network has the bytes of one in a single process.
# 2. The cable is cut in the middle: the run ends with an error that says who has not answered, no process stays, and it is
#    resumed in a single process to the same bytes.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
fail() {
  echo "FAILED: $*"
  exit 1
}

programs=$(realpath "${1:?}")
for tool in ip mpirun unshare; do
  command -v "$tool" > /dev/null || skip "no $tool; apt-get install iproute2 openmpi-bin util-linux"
done
name=tern$$
hosts=("$name-a" "$name-b")
addresses=(10.77.0.1 10.77.0.2)
work=$(mktemp -d)

processes() {
  for host in "${hosts[@]}"; do ip netns pids "$host" 2> /dev/null || true; done
}
clean_up() {
  processes | xargs -r kill -9 2> /dev/null || true
  for host in "${hosts[@]}"; do
    ip netns del "$host" 2> /dev/null || true
    rm -rf "/etc/netns/$host"
  done
  rm -rf "$work"
}
trap clean_up EXIT

for i in 0 1; do
  ip netns add "${hosts[i]}" 2> /dev/null || skip "network namespaces need root"
  # Within the namespace this is /etc/hosts.
  mkdir -p "/etc/netns/${hosts[i]}"
  printf '127.0.0.1 localhost\n%s %s\n%s %s\n' "${addresses[0]}" "${hosts[0]}" "${addresses[1]}" "${hosts[1]}" \
    > "/etc/netns/${hosts[i]}/hosts"
done
ip link add cable netns "${hosts[0]}" type veth peer name cable netns "${hosts[1]}"
for i in 0 1; do
  ip -n "${hosts[i]}" addr add "${addresses[i]}/24" dev cable
  ip -n "${hosts[i]}" link set cable up
  ip -n "${hosts[i]}" link set lo up
done

# on HOST COMMAND: runs it as on that host, which has a name of its own. mpirun starts its daemon on the other one by it.
cat > "$work/on" << 'EOF'
#!/usr/bin/env bash
host=$1
shift
exec ip netns exec "$host" unshare --uts sh -c "hostname $host; exec $*"
EOF
chmod +x "$work/on"

cd "$work"
"$programs/tern-data" digits digits --train 400 --test 40 > /dev/null
cat > config.json << 'EOF'
{
  "output": "run",
  "threads": 1,
  "data": { "format": "image_folder", "path": "digits", "workers": 1 },
  "model": { "family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1] },
  "training": { "epochs": 2, "batch_size": 4, "shards": 2 },
  "checkpoint": { "every_steps": 20 },
  "distributed": { "timeout": 5 },
  "log": { "every_steps": 1 }
}
EOF

across_the_cable() {
  "$work/on" "${hosts[0]}" mpirun -np 2 --host "${hosts[0]}:1,${hosts[1]}:1" --allow-run-as-root --bind-to none --wdir "$work" \
    --mca plm_rsh_agent "$work/on" --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include cable \
    --mca oob_tcp_if_include cable --mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 \
    --mca oob_tcp_keepalive_probes 3 "$programs/tern-train" config.json "$@"
}
same_bytes() {
  for file in last.safetensors best.safetensors; do
    cmp "alone/$file" "run/$file" || fail "$1: $file differs from that of a single process"
  done
}

"$programs/tern-train" config.json > /dev/null 2>&1
mv run alone

across_the_cable > whole.out 2>&1 || { cat whole.out; fail "the run over the network"; }
grep -q "processes: 2" whole.out || { cat whole.out; fail "it did not run in two processes"; }
same_bytes "over the network"
echo "over the network: same bytes as in a single process"
rm -r run

across_the_cable > cut.out 2>&1 &
run=$!
until [ -e run/log.jsonl ] && [ "$(wc -l < run/log.jsonl)" -ge 50 ]; do
  kill -0 $run 2> /dev/null || { cat cut.out; fail "ended before the cable was cut"; }
  sleep 0.05
done
ip -n "${hosts[1]}" link set cable down
for _ in $(seq 300); do
  kill -0 $run 2> /dev/null || break
  sleep 0.2
done
! kill -0 $run 2> /dev/null || { cat cut.out; fail "a minute after the cut mpirun still runs"; }
if wait $run; then fail "ended as if the cable had not been cut"; fi
for _ in $(seq 100); do
  left=$(processes)
  [ -n "$left" ] || break
  sleep 0.2
done
[ -z "$left" ] || { ps -o pid,args -p $left; fail "processes stayed behind"; }
grep "has not answered\|is broken" cut.out || { cat cut.out; fail "the error does not say who has not answered"; }

"$programs/tern-train" config.json --resume > resumed.out 2>&1 || { cat resumed.out; fail "the resumed run"; }
same_bytes "resumed after the cut"
echo "the cable cut after $(wc -l < run/log.jsonl) lines of the log and resumed: same bytes"
