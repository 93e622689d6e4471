// SPDX-License-Identifier: Apache-2.0
// The plots of the tour's page.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/text.hpp"
#include "cli/tour.hpp"

namespace pel::cli {
namespace {

std::string number(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f", value);
  return buffer;
}

std::string text_at(double x, double y, const std::string& text, const char* attributes = "") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" " + attributes + ">" +
         base::escape_html(text) + "</text>";
}

std::string line(double x1, double y1, double x2, double y2, const char* style) {
  return "<line class=\"" + std::string(style) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) +
         "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) + "\"/>";
}

std::string bar(double x, double y, double width, double height, const char* style) {
  return "<rect class=\"" + std::string(style) + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
         "\" width=\"" + number(std::max(width, 1.5)) + "\" height=\"" + number(height) +
         "\" rx=\"3\"/>";
}

std::string open_plot(double width, double height, const std::string& title) {
  return "<svg class=\"plot\" role=\"img\" viewBox=\"0 0 " + number(width) + " " + number(height) +
         "\"><title>" + base::escape_html(title) + "</title>";
}

// In the unit that suits `like`, so that two times to be compared have the same one.
std::string seconds_text(double seconds, double like) {
  char buffer[32];
  if (like < 0.000'995) {
    std::snprintf(buffer, sizeof buffer, "%.1f us", seconds * 1e6);
  } else if (like < 0.0995) {
    std::snprintf(buffer, sizeof buffer, "%.1f ms", seconds * 1e3);
  } else {
    std::snprintf(buffer, sizeof buffer, "%.2f s", seconds);
  }
  return buffer;
}

}  // namespace

std::string speed_plot(const std::vector<TourRow>& rows) {
  constexpr double kWidth = 480, kLeft = 92, kRight = 118, kStep = 54;
  constexpr double kScale = kWidth - kLeft - kRight;
  double longest = 1;
  for (const TourRow& row : rows) longest = std::max(longest, row.pel_s / row.plain_s);
  std::string svg = open_plot(kWidth, kStep * static_cast<double>(rows.size()) + 26,
                              "time on pel as a share of the plain C++ time");
  double y = 6;
  for (const TourRow& row : rows) {
    const double pel = kScale * (row.pel_s / row.plain_s) / longest;
    const double plain = kScale / longest;
    char speed[32];
    std::snprintf(speed, sizeof speed, "%.2fx", row.plain_s / row.pel_s);
    svg += text_at(0, y + 25, row.name, "font-weight=\"600\"");
    svg += bar(kLeft, y, plain, 17, "plain");
    svg += text_at(kLeft + plain + 8, y + 13, seconds_text(row.plain_s, row.plain_s),
                   "class=\"faint\"");
    svg += bar(kLeft, y + 20, pel, 17, "pel");
    svg +=
        text_at(kLeft + pel + 8, y + 33, seconds_text(row.pel_s, row.plain_s) + " (" + speed + ")");
    y += kStep;
  }
  svg +=
      bar(kLeft, y, 11, 11, "plain") + text_at(kLeft + 17, y + 10, "plain C++", "class=\"faint\"");
  svg += bar(kLeft + 96, y, 11, 11, "pel") + text_at(kLeft + 113, y + 10, "pel", "class=\"faint\"");
  return svg + "</svg>";
}

std::string sum_plot(const SumRow& sums) {
  constexpr double kWidth = 480, kHeight = 300, kLeft = 58, kTop = 14, kBottom = 40;
  const double unit =
      std::nextafter(sums.exact, std::numeric_limits<double>::infinity()) - sums.exact;
  const auto ulps = [&](double value) { return (value - sums.exact) / unit; };
  double reach = 4;
  for (const double value : sums.theirs) reach = std::max(reach, std::abs(ulps(value)));
  for (const double value : sums.ours) reach = std::max(reach, std::abs(ulps(value)));
  reach *= 1.12;
  const double middle = kTop + (kHeight - kTop - kBottom) / 2;
  const double scale = (kHeight - kTop - kBottom) / 2 / reach;
  const auto x_of = [&](std::size_t i) {
    return kLeft + 22 + static_cast<double>(i) * (kWidth - kLeft - 34) / (SumRow::kRuns - 1);
  };
  std::string svg = open_plot(kWidth, kHeight, "fifteen sums of the same numbers");
  for (const double share : {-0.8, -0.4, 0.0, 0.4, 0.8}) {
    const double y = middle - share * reach * scale;
    svg += line(kLeft, y, kWidth, y, share == 0 ? "ideal" : "grid");
    char label[32];
    std::snprintf(label, sizeof label, "%+.0f", share * reach);
    svg += text_at(kLeft - 8, y + 4, share == 0 ? "exact" : label,
                   "class=\"faint\" text-anchor=\"end\"");
  }
  std::string path;
  std::string dots;
  for (std::size_t i = 0; i < sums.theirs.size(); ++i) {
    const double y = middle - ulps(sums.theirs[i]) * scale;
    path += i == 0 ? 'M' : 'L';
    path += number(x_of(i)) + " " + number(y);
    dots +=
        "<circle class=\"peer\" r=\"5\" cx=\"" + number(x_of(i)) + "\" cy=\"" + number(y) + "\"/>";
    dots += "<circle class=\"pel\" r=\"4.5\" cx=\"" + number(x_of(i)) + "\" cy=\"" +
            number(middle - ulps(sums.ours[i]) * scale) + "\"/>";
  }
  svg += "<path class=\"peer-line\" d=\"" + path + "\"/>" + dots;
  svg += "<circle class=\"peer\" r=\"5\" cx=\"" + number(kLeft + 8) + "\" cy=\"" +
         number(kHeight - 11) + "\"/>";
  svg += text_at(kLeft + 20, kHeight - 7, sums.peer, "class=\"faint\"");
  svg += "<circle class=\"pel\" r=\"4.5\" cx=\"" + number(kWidth - 116) + "\" cy=\"" +
         number(kHeight - 11) + "\"/>";
  svg += text_at(kWidth - 105, kHeight - 7, "pel, any workers", "class=\"faint\"");
  return svg + "</svg>";
}

}  // namespace pel::cli
