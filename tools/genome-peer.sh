#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# genome-peer.sh [PEL]: the phage reads through bowtie2 + samtools + bcftools (Debian packages) and
# through `pel run genome`, one thread each: reads a second of both, and how far the calls agree.
# Exits 1 if fewer than 92 in 100 agree. Needs tools/fetch-genome.sh to have run.
set -eu
cd "$(dirname "$0")/.."
pel=${1:-build/release/cli/pel}
data=build/data/genome
for tool in bowtie2 samtools bcftools; do
  command -v $tool >/dev/null || { echo "genome-peer: $tool is not installed: skipped"; exit 0; }
done
[ -s $data/reads_2.fq.gz ] || { echo "genome-peer: run tools/fetch-genome.sh first: skipped"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gunzip -c $data/lambda_virus.fa.gz > "$work/ref.fa"
now() { date +%s.%N; }
start=$(now)
bowtie2-build -q "$work/ref.fa" "$work/ref"
bowtie2 --quiet -p 1 -x "$work/ref" -1 $data/reads_1.fq.gz -2 $data/reads_2.fq.gz |
  samtools sort -o "$work/reads.bam" 2>/dev/null
bcftools mpileup -f "$work/ref.fa" "$work/reads.bam" 2>/dev/null | bcftools call -mv --ploidy 1 -Ou |
  bcftools norm -f "$work/ref.fa" 2>/dev/null | bcftools view -H -i 'QUAL>=20' > "$work/peer"
peer=$(now)
"$pel" run genome --workers 1 --out "$work/pel.vcf" \
  "$work/ref.fa" $data/reads_1.fq.gz $data/reads_2.fq.gz >/dev/null 2>&1
end=$(now)
bcftools view -H -f PASS "$work/pel.vcf" | cut -f2,4,5 | sort > "$work/ours"
cut -f2,4,5 "$work/peer" | sort > "$work/theirs"
both=$(comm -12 "$work/ours" "$work/theirs" | wc -l)
awk -v a="$start" -v b="$peer" -v c="$end" -v ours="$(wc -l < "$work/ours")" \
  -v theirs="$(wc -l < "$work/theirs")" -v both="$both" 'BEGIN {
    printf "bowtie2 + bcftools: %d variants, %.0f reads/s\n", theirs, 20000 / (b - a)
    printf "pel run genome:     %d variants, %.0f reads/s (whole program, its plain run and check too)\n", ours, 20000 / (c - b)
    printf "both: %d\n", both
    exit !(100 * both >= 92 * theirs && 100 * both >= 92 * ours) }'
