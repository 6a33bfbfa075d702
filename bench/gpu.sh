#!/bin/sh
# What the GPU engine does on this machine: which adapter answers, whether its operations are right, how it trains beside the wasm engine, how
# fast it is, and what PyTorch needs for the same work on the same GPU.
#
# It lies in the bundle that `npm run bundle:gpu` makes and needs nothing else but a Linux on x64 (glibc 2.34 or newer) with a Vulkan driver:
#
#   tar -xf partial-fc-gpu.tar.xz && partial-fc-gpu/gpu.sh [FOLDER]
#
# FOLDER (or the variable OUT; default ./gpu-results) gets the output of every step, the records of the benchmarks and summary.txt. A step that
# fails is recorded and the others go on; the exit status is 1 if one did. No step takes longer than its limit, all of them no longer than
# LIMIT seconds (default 470).
#
#   QUICK=1              small shapes and few steps, for a software adapter
#   VK_DRIVER_FILES=…    the Vulkan driver's .json, where it is not found by itself
#   PYTHON=…             the python3 that has torch

set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-${OUT:-gpu-results}}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
node=$here/bin/node
js=$here/app/js
quick=${QUICK:-}
python=${PYTHON:-python3}
summary=$out/summary.txt
: >"$summary"
failed=0
deadline=$(($(date +%s) + ${LIMIT:-470}))

say() { echo "$*" | tee -a "$summary"; }

# shown FILE: its end; of tests what failed, and how many there were.
shown() {
  if grep -q '^TAP version' "$1"; then
    grep -A 14 '^ *not ok' "$1" | head -n 120
    grep '^# [a-z]* [0-9]' "$1"
  else
    tail -n 60 "$1"
  fi
}

# run NAME SECONDS COMMAND …: keeps all of its output in NAME.txt and shows the end. What went wrong is in $fault, how long it took in $seconds.
run() {
  name=$1
  started=$(date +%s)
  left=$((deadline - started))
  limit=$2
  shift 2
  [ "$limit" -le "$left" ] || limit=$left
  echo
  echo "== $name: $*"
  if [ "$limit" -le 0 ]; then
    status=124
    echo "no time was left" >"$out/$name.txt"
  else
    timeout -k 15 "$limit" "$@" >"$out/$name.txt" 2>&1
    status=$?
  fi
  shown "$out/$name.txt"
  seconds=$(($(date +%s) - started))
  case $status in
    0) fault= ;;
    124 | 137) fault="stopped after $seconds s" ;;
    *) fault="status $status after $seconds s" ;;
  esac
}

# record NAME [WORDS]: whether the step before was well.
record() {
  if [ -z "$fault" ]; then
    say "ok       $1, $seconds s${2:+, $2}"
  else
    say "FAILED   $1: $fault${2:+, $2}"
    failed=1
  fi
  [ -z "$fault" ]
}

step() {
  run "$@"
  record "$1"
}

# ── libraries that this machine lacks, and the driver ──

folders="$(echo "${LD_LIBRARY_PATH:-}" | tr ':' ' ') /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /lib64 /usr/lib \
/usr/local/lib /usr/local/nvidia/lib64 /usr/lib/x86_64-linux-gnu/nvidia/current /usr/lib/nvidia /usr/lib/wsl/lib /run/opengl-driver/lib"

# The path of a library of this machine; nothing where it has none.
library() {
  for folder in $folders; do
    if [ -e "$folder/$1" ]; then
      echo "$folder/$1"
      return
    fi
  done
  for ldconfig in ldconfig /sbin/ldconfig; do
    found=$($ldconfig -p 2>/dev/null | sed -n "s|^[[:space:]]*$1 (.*x86-64.* => ||p" | head -n 1)
    [ -n "$found" ] && echo "$found" && return
  done
}

borrowed=$out/lib
mkdir -p "$borrowed"
names=
for file in "$here"/lib/*.so* "$here"/lib/fallback/*.so*; do
  name=$(basename "$file")
  [ -z "$(library "$name")" ] || continue
  ln -sf "$file" "$borrowed/$name"
  names="$names $name"
done
[ -z "$names" ] || say "note     the bundle's, for this machine has none:$names"
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS # what is set for another Node
export LD_LIBRARY_PATH="$borrowed${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$out}" # else the Vulkan loader complains

loads() { "$node" -e 'require(process.argv[1])' "$js/dist/linux-x64/dawn.node" >"$out/dawn.txt" 2>&1; }
if ! loads; then
  for name in libstdc++.so.6 libgcc_s.so.1; do ln -sf "$here/lib/fallback/$name" "$borrowed/$name"; done
  if loads; then
    say "note     libstdc++ and libgcc_s are the bundle's: this machine's are too old"
  else
    cat "$out/dawn.txt"
    say "FAILED   Dawn (WebGPU) cannot be loaded; it needs glibc 2.34 or newer: see dawn.txt"
    exit 1
  fi
fi

# NVIDIA's driver by name, where the loader's folders have it or the library alone is there; else the loader looks for itself.
findDriver() {
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return
  for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d /usr/local/etc/vulkan/icd.d; do
    for file in "$folder"/nvidia*.json; do
      [ -e "$file" ] || continue
      export VK_DRIVER_FILES="$file"
      say "note     Vulkan driver: $file"
      return
    done
  done
  for name in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do # the second where there is no X11
    driver=$(library "$name")
    [ -n "$driver" ] || continue
    ldd "$driver" 2>/dev/null | grep -q 'not found' && continue
    export VK_DRIVER_FILES="$out/nvidia_icd.json"
    cat >"$VK_DRIVER_FILES" <<JSON
{ "file_format_version": "1.0.0", "ICD": { "library_path": "$driver", "api_version": "1.3.0" } }
JSON
    say "note     Vulkan driver: $driver, by $VK_DRIVER_FILES"
    return
  done
  for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
    for file in "$folder"/*.json; do [ -e "$file" ] && return; done
  done
  say "note     no Vulkan driver was found: a container of NVIDIA's needs NVIDIA_DRIVER_CAPABILITIES=all (graphics among them)"
}
findDriver

# ── the machine ──

{
  date -u
  uname -srm
  sed -n 's/^PRETTY_NAME=//p' /etc/os-release
  sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c
  sed -n 's/^MemTotal: */memory /p' /proc/meminfo
  ls /dev/nvidia* /dev/dri 2>&1
  ls /usr/share/vulkan/icd.d /etc/vulkan/icd.d 2>&1
} >"$out/machine.txt" 2>&1
cat "$out/machine.txt"
if command -v nvidia-smi >/dev/null 2>&1; then
  step nvidia-smi 20 nvidia-smi
  say "note     GPU: $(timeout 20 nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>&1 | head -n 1)"
fi
step info 80 "$node" "$js/pfc.mjs" info

# ── is there an adapter at all, and which ──

if step adapter 60 "$node" "$js/pfc.mjs" bench kernels "read: one" --engine gpu:webgpu --rounds 2; then
  adapter=$(sed -n 's/^Limits of \(gpu.js webgpu, .*\) are not known.*/\1/p' "$out/adapter.txt" | head -n 1)
  say "note     adapter: $adapter"
  case $adapter in
    *"(software)"*) [ -n "$quick" ] || say "note     that is no GPU; QUICK=1 takes shapes that such an adapter computes in minutes" ;;
  esac
fi

# ── is it right ──

# tests NAME SECONDS: those of gpu:webgpu in that file, all of which must run.
tests() {
  run "$1" "$2" "$node" --test --test-reporter=tap --test-name-pattern=gpu:webgpu "$js/$1.test.mjs"
  passed=$(sed -n 's/^# pass //p' "$out/$1.txt")
  if grep 'gpu:webgpu # SKIP' "$out/$1.txt"; then fault="tests of gpu:webgpu were left out"; fi
  if [ "$1" = gpuParity ] && [ "${passed:-0}" = 0 ]; then fault="no test ran"; fi
  record "$1" "${passed:-0} tests of gpu:webgpu passed"
}

tests gpuParity 170
for file in "$js"/*.test.mjs; do # one of them may be about other modes only
  name=$(basename "$file" .test.mjs)
  [ "$name" = gpuParity ] || tests "$name" 60
done

# ── does it train as the wasm engine does ──

if [ -n "$quick" ]; then
  set -- --steps 20 --batch 16 --embedding 32 --set dataset.side=16 --set dataset.identities=100 --set dataset.testIdentities=20 \
    --set dataset.samples=4 --set 'network.widths=[8,16]' --set 'network.blocks=[1,1]' --set network.stemStride=1 --ratio 0.5
else
  set -- --steps 300 --ratio 0.1 --batch 64 --set dataset.side=32 --set dataset.testIdentities=200
fi
for engine in gpu:webgpu wasm; do
  run=$(echo "train-$engine" | tr -d ':')
  rm -rf "$out/$run"
  step "$run" 130 "$node" "$js/pfc.mjs" train --dataset builtin --quiet --engine "$engine" --out "$out/$run" "$@"
done
step losses 20 "$node" "$js/compareLosses.mjs" "$out/train-wasm" "$out/train-gpuwebgpu"

# ── how fast is it ──

# bench NAME SECONDS ARGUMENT …: both kinds of products in turn, on the GPU.
bench() {
  name=$1
  limit=$2
  shift 2
  rm -rf "${out:?}/$name"
  step "$name" "$limit" "$node" "$js/pfc.mjs" bench "$@" --engine gpu:webgpu --compare products=gpu.js,wgsl --out "$out/$name"
}

if [ -n "$quick" ]; then
  bench bench-kernels 150 kernels --shapes small --rounds 3
  bench bench-head 60 head --classes 1000 --embedding 32 --batch 16 --rounds 3
  bench bench-train 60 train --batch 4 --side 16 --rounds 2
else
  bench bench-kernels 90 kernels --rounds 9
  bench bench-head 45 head --rounds 7
  bench bench-head-full 45 head --ratio 1 --rounds 5
  bench bench-train 45 train --rounds 7
fi

# ── and PyTorch, on the same GPU ──

if ! command -v "$python" >/dev/null 2>&1; then
  say "note     PyTorch is left out: there is no $python"
elif ! timeout 60 "$python" -c 'import torch; raise SystemExit(not torch.cuda.is_available())' >"$out/torch.txt" 2>&1; then
  say "note     PyTorch is left out: $python has no torch that finds a CUDA device"
else
  cat >"$out/torch.sh" <<PEER
set -e
peer() { "$python" "$here/peers/torch_peer.py" --device cuda "\$@"; }
peer chain
peer matmul 1024
peer matmul 4096
peer matmul 4096 --tf32
peer conv 32 128 128 56
peer pfc 100000 512 128 0.1 sparse
peer pfc 100000 512 128 1 dense
peer net 64 32
PEER
  step torch 100 sh "$out/torch.sh"
fi

echo
echo "== summary ($summary)"
cat "$summary"
exit "$failed"
