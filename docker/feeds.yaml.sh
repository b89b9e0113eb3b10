#!/bin/sh
# The image's own configuration: the shipped sources, the archive in the volume.
set -eu
shipped=$(find "$1" -path '*/monitor/_data/feeds.yaml')
sed 's|^archive: .*|archive: /var/lib/regwatch/regwatch.db|' "$shipped"
