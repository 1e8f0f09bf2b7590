#!/bin/sh
# Run as root in a mount and process namespace of its own, by scripts/run-as-image.ts: makes a root file system that nobody can write,
# joins the control group that limits memory, and becomes the program as a user without rights.
#   enter.sh ROOT PLAN LIMIT -- NAME=VALUE... PROGRAM ARGS...
# PLAN: a file of lines "kind source target": bind (read-only), data (may be written). LIMIT: the file to join the control group by.
set -eu
root=$1 plan=$2 limit=$3
shift 4
echo 0 >"$limit"
mount --make-rprivate /
mount -t tmpfs -o mode=755,size=16m none "$root"
while read -r kind source target; do
  if [ -d "$source" ]; then mkdir -p "$root$target"; else mkdir -p "$root${target%/*}" && : >"$root$target"; fi
  mount --bind "$source" "$root$target"
  [ "$kind" = data ] || mount -o remount,bind,ro "$root$target"
done <"$plan"
for path in bin lib lib64 sbin; do [ -e "$root/$path" ] || [ ! -e "/$path" ] || ln -s "usr/$path" "$root/$path"; done
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=16m none "$root/tmp"
mount -o remount,ro none "$root"
exec chroot --userspec=10001:10001 "$root" /bin/sh -c 'cd "$0" && exec /usr/bin/env -i "$@"' "$WORKDIR" "$@"
