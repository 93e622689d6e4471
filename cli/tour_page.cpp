// SPDX-License-Identifier: Apache-2.0
// The tour as one HTML file.
#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "cli/tour.hpp"
#include "cli/tour_act.hpp"
#include "pel/version.hpp"
#include "tour_css.hpp"  // kTourCss: cli/tour.css, by CMake

namespace pel::cli {
namespace {

using base::escape_html;

std::string format(const char* text, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, text, value);
  return buffer;
}

std::string tag(bool good, const std::string& text) {
  return std::string("<span class=\"tag") + (good ? "" : " bad") + "\">" + escape_html(text) +
         "</span>";
}

std::string cell(const std::string& label, const std::string& html, bool is_number = false) {
  return "<td" + std::string(is_number ? " class=\"number\"" : "") + " data-label=\"" + label +
         "\"><span>" + html + "</span></td>";
}

std::string published_tag(const TourRow& row) {
  if (!row.equal) return tag(false, "plain differs");
  if (!row.published) return tag(false, "not published");
  return row.reproduced() ? tag(true, "yes") : tag(false, "no");
}

std::string table_row(const TourRow& row) {
  std::string html = "<tr>";
  html += cell("input", "<strong>" + escape_html(row.name) + "</strong>" + escape_html(row.input));
  html += cell("checked against",
               (row.check_passed ? "" : tag(false, "failed") + " ") + escape_html(row.against));
  html += cell("plain C++ s", format("%.3f", row.plain_s), true);
  html += cell("pel s", format("%.3f", row.pel_s), true);
  html += cell("speed-up", format("%.2fx", row.plain_s / row.pel_s), true);
  html += cell("digest", "<span class=\"digest\">" + row.digest.substr(0, 8) + "</span>");
  html += cell("equals published", published_tag(row));
  return html + "</tr>\n";
}

std::string table(const std::vector<TourRow>& rows, int act) {
  std::string html =
      "<div class=\"card\"><table class=\"results\"><thead><tr><th>input</th><th>checked "
      "against</th>"
      "<th class=\"number\">plain C++ s</th><th class=\"number\">pel s</th>"
      "<th class=\"number\">speed-up</th><th>digest</th><th>equals "
      "published</th></tr></thead><tbody>\n";
  for (const TourRow& row : rows)
    if (row.act == act) html += table_row(row);
  return html + "</tbody></table></div>\n";
}

std::string plots(const TourPage& page) {
  std::string html = "<div class=\"pair\">\n<figure class=\"card\"><h3>How much faster</h3>";
  html += "<p class=\"soft\">The same source on plain C++ loops and on pel, " +
          std::to_string(page.workers) + (page.workers == 1 ? " worker" : " workers") +
          "; each pair of bars to the scale of its plain run.</p>";
  html += speed_plot(page.rows) + "</figure>\n";
  html += "<figure class=\"card\"><h3>One sum, fifteen times</h3>";
  html += "<p class=\"soft\">" + escape_html(page.sums.input) +
          ": how many units in the last place " + "each sum is from the exact one. " +
          escape_html(page.sums.peer) + " gives " + std::to_string(distinct(page.sums.theirs)) +
          " different sums; pel, with 0 to 13 workers, " +
          std::to_string(distinct(page.sums.ours)) + ".</p>";
  return html + sum_plot(page.sums) + "</figure>\n</div>\n";
}

std::string work_card(const TourRow& row) {
  if (row.html.empty()) return {};
  std::string html = "<article class=\"card work\"><div><h3>" + escape_html(row.name) + "</h3>";
  html += "<p class=\"soft\">" + escape_html(row.summary) + "</p><dl>";
  html += "<dt>input</dt><dd>" + escape_html(row.input) + "</dd>";
  html += "<dt>result</dt><dd>" + escape_html(row.result) + "</dd>";
  html += "<dt>checked</dt><dd>" + escape_html(row.against) + ": " + escape_html(row.check_detail) +
          "</dd>";
  html += "<dt>SHA-256</dt><dd class=\"digest\">" + row.digest + "</dd>";
  html += "<dt>your file</dt><dd><code>" + escape_html(row.own_file) + "</code></dd></dl></div>";
  return html + "<div class=\"shown\">" + row.html + "</div></article>\n";
}

std::string header(const TourPage& page) {
  const auto passed = std::count_if(page.rows.begin(), page.rows.end(),
                                    [](const TourRow& row) { return row.passed(); });
  const bool good = static_cast<std::size_t>(passed) == page.rows.size();
  std::string html = "<header><div class=\"mark\">pel tour</div>";
  html +=
      "<h1>Write it in order.<br>Run it in parallel.<br><em>Get the same bits.</em></h1>"
      "<div class=\"verdict";
  html += good ? "\">" : " bad\">";
  html += std::to_string(passed) + " of " + std::to_string(page.rows.size()) +
          " rows: same bits, checked, and equal to the published digest</div>";
  html += "<div class=\"meta\">pel " + std::string(version()) + " on this machine, " +
          std::to_string(page.workers) + (page.workers == 1 ? " worker" : " workers") + ", " +
          (page.full ? "full" : "tour") + " sizes, " + format("%.1f s", page.seconds) +
          " in all</div></header>\n";
  return html;
}

std::string closing(const std::vector<TourRow>& rows) {
  std::string html =
      "<h2>Your turn</h2><p>Each workload takes your own file in the format of its field. "
      "<code>--verify</code> runs it, or any program of yours that uses <code>pel/main.hpp</code>, "
      "under many schedules and names the loop whose bits move.</p><pre>";
  std::string last;
  for (const TourRow& row : rows) {
    if (row.own_file.empty() || row.own_file == last) continue;
    last = row.own_file;
    html += escape_html(last) + "\n";
  }
  return html + "</pre>\n";
}

}  // namespace

std::string tour_html(const TourPage& page) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>pel tour: same bits</title><style>\n";
  html += kTourCss;
  html += "</style></head><body>\n" + header(page) + "<main>\n<h2>Act one: same bits</h2>";
  html +=
      "<p class=\"soft\">Every row ran as plain serial C++ and on pel, in turn. A row passes if "
      "all "
      "runs gave the same bytes, if something that is not pel confirms the result, and if its "
      "SHA-256, which begins with the digest shown, is the published one.</p>";
  html += table(page.rows, 1);
  for (const TourAct& act : tour_acts()) {
    html += "<h2>Act " + number_word(act.number) + ": " + escape_html(act.title) + "</h2>";
    html += "<p class=\"soft\">" + escape_html(act.words) + "</p>";
    html += table(page.rows, act.number);
  }
  html += "<h2>What parallel costs and gives</h2>" + plots(page);
  html += "<h2>What was computed</h2><div class=\"works\">\n";
  for (const TourRow& row : page.rows) html += work_card(row);
  html += "</div>\n" + closing(page.rows) + "</main>\n";
  html +=
      "<footer>Times are medians of interleaved runs on this machine and move with its load; the "
      "digests do not. Recompute them with <code>pel tour --digests</code>.</footer>\n";
  return html + "</body></html>\n";
}

}  // namespace pel::cli
