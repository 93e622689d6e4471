#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch-genome.sh [FOLDER]: puts the phage genome and reads of Debian's bowtie2-examples into FOLDER
# (default build/data/genome). Unpacks the .deb itself: slim images drop documentation, where the
# package keeps them. Does nothing if they are there. Needs apt-get and dpkg-deb.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/data/genome}
[ -s "$folder/reads_2.fq.gz" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download bowtie2-examples)
dpkg-deb -x "$work"/bowtie2-examples_*.deb "$work/x"
from=$work/x/usr/share/doc/bowtie2/examples
(cd "$from" && sha256sum --check --quiet --strict) <<'SUMS'
08fe207fcb4bbe47e80cc7469e68d1f1d8d497a836fe1c09f5a9734d2e4cd9e0  reference/lambda_virus.fa.gz
aba7c356c43f8091c864109cead907e86acead43b43f12a7a35cf7e5a761162a  reads/reads_1.fq.gz
df59a3d7f770e9b631a12f0931c2bd84f1679c4da07c4d2b5b782569d7872fb3  reads/reads_2.fq.gz
SUMS
mkdir -p "$folder"
for file in reference/lambda_virus.fa.gz reads/reads_1.fq.gz reads/reads_2.fq.gz; do
  cp "$from/$file" "$folder/.part"
  mv "$folder/.part" "$folder/$(basename "$file")"
done
