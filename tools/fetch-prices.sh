#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch-prices.sh [FOLDER]: writes FOLDER/dow30.csv (default build/data/risk): daily closes of the 30
# stocks of the Dow Jones index, 1990-12-31 to 2001-01-02, from Debian's r-cran-fbasics (GPL). Does
# nothing if it is there. Needs apt-get, dpkg-deb, gzip and perl.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/data/risk}
sum=deff11118f3ae9bf71a7f497fc98b676620e2192645a4ca61d384e20cf0e9a03
[ -s "$folder/dow30.csv" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download r-cran-fbasics)
dpkg-deb -x "$work"/r-cran-fbasics_*.deb "$work/x"
data=$work/x/usr/lib/R/site-library/fBasics/data/Rdata.rdb

# The table DowJones30 of that R database: a length of four bytes, then a zlib stream. gzip unpacks
# it when given a header of its own, and is right to miss its checksum at the end.
{ printf '\037\213\010\0\0\0\0\0\0\377'; tail -c +682 "$data" | head -c 170953; } |
  gzip -dc 2>/dev/null >"$work/table" || true

# R's XDR format: the dates, one each 18 bytes; then a column of big-endian doubles for each stock,
# with type and length in the 8 bytes before it.
perl -0777 -ne '
  my @names = qw(AA AXP T BA CAT C KO DD EK XOM GE GM HWP HD HON INTC IBM IP JPM JNJ MCD MRK MSFT
                 MMM MO PG SBC UTX WMT DIS);
  my $days = 2529;
  my $dates = index($_, "1990-12-31");
  my $column = index($_, pack("NN", 14, $days), $dates + 18 * $days) + 8;
  print join(",", "date", @names), "\n";
  for my $day (0 .. $days - 1) {
    print substr($_, $dates + 18 * $day, 10);
    for my $i (0 .. $#names) {
      my $at = $column + $i * (8 * $days + 8) + 8 * $day;
      printf ",%.2f", unpack("d>", substr($_, $at, 8));
    }
    print "\n";
  }' "$work/table" >"$work/dow30.csv"
echo "$sum  $work/dow30.csv" | sha256sum --check --quiet
mkdir -p "$folder"
cp "$work/dow30.csv" "$folder/.part"
mv "$folder/.part" "$folder/dow30.csv"
