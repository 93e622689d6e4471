// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <string_view>

#include "pel/resources.hpp"

namespace pel {
namespace {

std::string number(double value, const char* format = "%.4g") {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 1024 && unit < 5) {
    value /= 1024;
    ++unit;
  }
  return number(value, unit == 0 ? "%.0f " : value < 10 ? "%.1f " : "%.0f ") + kUnits[unit];
}

// 0,1,2,5 as "0-2,5".
std::string list_text(const std::vector<int>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i;
    while (end + 1 < values.size() && values[end + 1] == values[end] + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(values[i]);
    if (end > i) text.append("-").append(std::to_string(values[end]));
    i = end + 1;
  }
  return text;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

void row(std::string& out, std::string_view name, const std::string& value) {
  out += name;
  out.append(name.size() < 10 ? 10 - name.size() : 1, ' ');
  out += value + "\n";
}

std::string cores_line(const Resources& r) {
  return std::to_string(r.usable_cores) + " usable (" + std::to_string(r.allowed_cores.size()) +
         " allowed: " + list_text(r.allowed_cores) + "; " + std::to_string(r.online_cores) +
         " online)";
}

std::string quota_line(const Resources& r) {
  if (r.quota_cores == 0) return "none";
  return number(r.quota_cores) + " cores by " + r.quota_from + ", " +
         number(r.throttled_percent, "%.1f") + " % of its periods throttled";
}

std::string cpu_line(const Resources& r) {
  std::string text = r.cpu_model.empty() ? "unknown" : r.cpu_model;
  if (r.x86_level > 0) text += ", x86-64-v" + std::to_string(r.x86_level);
  return r.cpu_features.empty() ? text : text + ", " + joined(r.cpu_features);
}

std::string cache_line(const Resources& r) {
  std::string text;
  for (const CpuCache& cache : r.caches) {
    if (!text.empty()) text += ", ";
    text.append("L").append(std::to_string(cache.level));
    if (cache.type == "Data") text += "d";
    if (cache.type == "Instruction") text += "i";
    text.append(" ").append(size_text(cache.bytes));
    if (cache.shared_by > 1) text.append(" for ").append(std::to_string(cache.shared_by));
  }
  return text.empty() ? "unknown" : text;
}

std::string numa_line(const Resources& r) {
  if (r.numa.empty()) return "unknown";
  std::string text = std::to_string(r.numa.size()) + (r.numa.size() == 1 ? " node" : " nodes");
  for (const NumaNode& node : r.numa) {
    text += (&node == &r.numa.front() ? ": " : "; ") + std::to_string(node.id) + " with cores " +
            (node.cores.empty() ? "none" : list_text(node.cores));
    if (node.memory_bytes > 0) text += ", " + size_text(node.memory_bytes);
  }
  return text;
}

std::string memory_line(const Resources& r) {
  std::string text = size_text(r.memory_available) + " available of " + size_text(r.memory_total);
  if (r.memory_limit > 0)
    text += ", limit " + size_text(r.memory_limit) + " by " + r.memory_limit_from;
  return text;
}

std::string pressure_line(const Resources& r) {
  const auto part = [](const char* name, const Pressure& p) {
    return std::string(name) + " " + (p.known ? number(p.some_percent, "%.1f") + " %" : "unknown");
  };
  return part("cpu", r.cpu_pressure) + ", " + part("memory", r.memory_pressure) + ", " +
         part("io", r.io_pressure) + "; load " + number(r.load_1min, "%.2f");
}

std::string energy_line(const Resources& r) {
  std::string text;
  for (const EnergyCounter& counter : r.energy) {
    text += (text.empty() ? "" : ", ") + counter.name + (counter.readable ? "" : " (not readable)");
  }
  return text.empty() ? "no counters" : text;
}

std::string gpu_line(const Resources& r) {
  std::string text;
  for (const Gpu& gpu : r.gpus) {
    text += (text.empty() ? "" : ", ") + gpu.name +
            (gpu.driver.empty() ? " (no driver)" : " (" + gpu.driver + ")");
  }
  return text.empty() ? "none" : text + "; not used by this version";
}

// One sentence per limit that costs speed, with what to do about it.
std::vector<std::string> advice(const Resources& r) {
  std::vector<std::string> lines;
  const auto allowed = static_cast<int>(r.allowed_cores.size());
  if (allowed < r.online_cores) {
    lines.push_back("affinity or a cpuset hides " + std::to_string(r.online_cores - allowed) +
                    " of " + std::to_string(r.online_cores) +
                    " cores: see taskset, or the container's --cpuset-cpus");
  }
  if (r.quota_cores > 0 && r.quota_cores < allowed) {
    lines.push_back("a cgroup grants " + number(r.quota_cores) + " of " + std::to_string(allowed) +
                    " cores: raise " + r.quota_from + ", or the container's --cpus");
  }
  if (r.throttled_percent > 1) {
    lines.push_back("the quota stopped this group in " + number(r.throttled_percent, "%.1f") +
                    " % of its periods: latencies will jump");
  }
  if (r.cpu_pressure.some_percent > 10 || r.load_1min > r.online_cores + 0.5) {
    lines.push_back("other work is running on these cores: timings will be noisy");
  }
  if (r.memory_pressure.some_percent > 1 || r.memory_available < r.memory_total / 16) {
    lines.push_back("memory is short: take a smaller --size");
  }
  if (r.numa.size() > 1) {
    lines.push_back("several memory nodes: numactl --interleave=all suits loops over shared data");
  }
  for (const EnergyCounter& counter : r.energy) {
    if (counter.readable) continue;
    lines.push_back("energy counters need read permission: chmod a+r " + counter.path);
    break;
  }
  return lines;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// An object or array under construction: commas are its business.
class Json {
 public:
  Json(char open, char close) : text_(1, open), close_(close) {}
  Json& item(const std::string& raw) {
    if (text_.size() > 1) text_ += ',';
    text_ += raw;
    return *this;
  }
  Json& member(const char* name, const std::string& raw) { return item(quoted(name) + ":" + raw); }
  Json& text(const char* name, std::string_view value) { return member(name, quoted(value)); }
  Json& figure(const char* name, double value) { return member(name, number(value, "%.10g")); }
  Json& figure(const char* name, std::uint64_t value) {
    return member(name, std::to_string(value));
  }
  Json& figure(const char* name, int value) { return member(name, std::to_string(value)); }
  std::string done() const { return text_ + close_; }

 private:
  std::string text_;
  char close_;
};

template <class Range, class Render>
std::string array(const Range& items, Render render) {
  Json list('[', ']');
  for (const auto& each : items) list.item(render(each));
  return list.done();
}

std::string integers(const std::vector<int>& values) {
  return array(values, [](int v) { return std::to_string(v); });
}

std::string strings(const std::vector<std::string>& values) {
  return array(values, [](const std::string& v) { return quoted(v); });
}

std::string pressure_json(const Pressure& p) {
  if (!p.known) return "null";
  return Json('{', '}')
      .figure("some_percent", p.some_percent)
      .figure("full_percent", p.full_percent)
      .done();
}

std::string cache_json(const CpuCache& c) {
  return Json('{', '}')
      .figure("level", c.level)
      .text("type", c.type)
      .figure("bytes", c.bytes)
      .figure("shared_by", c.shared_by)
      .done();
}

std::string numa_json(const NumaNode& n) {
  return Json('{', '}')
      .figure("id", n.id)
      .member("cores", integers(n.cores))
      .figure("memory_bytes", n.memory_bytes)
      .done();
}

}  // namespace

std::string doctor_text(const Resources& r) {
  std::string out;
  row(out, "cores", cores_line(r));
  row(out, "quota", quota_line(r));
  row(out, "cpu", cpu_line(r));
  row(out, "caches", cache_line(r));
  row(out, "numa", numa_line(r));
  row(out, "memory", memory_line(r));
  row(out, "pressure", pressure_line(r));
  row(out, "energy", energy_line(r));
  row(out, "gpu", gpu_line(r));
  row(out, "engines", r.engines.empty() ? "none" : joined(r.engines));
  for (const std::string& note : r.notes) row(out, "note", note);
  const std::vector<std::string> lines = advice(r);
  for (const std::string& line : lines) row(out, "advice", line);
  if (lines.empty()) row(out, "advice", "nothing here limits a run");
  return out;
}

std::string doctor_json(const Resources& r) {
  Json out('{', '}');
  out.figure("usable_cores", r.usable_cores).member("allowed_cores", integers(r.allowed_cores));
  out.figure("online_cores", r.online_cores).figure("quota_cores", r.quota_cores);
  out.text("quota_from", r.quota_from).figure("throttled_percent", r.throttled_percent);
  out.text("cpu_model", r.cpu_model).figure("x86_level", r.x86_level);
  out.member("cpu_features", strings(r.cpu_features)).figure("load_1min", r.load_1min);
  out.member("caches", array(r.caches, cache_json)).member("numa", array(r.numa, numa_json));
  out.figure("memory_total", r.memory_total).figure("memory_available", r.memory_available);
  out.figure("memory_limit", r.memory_limit).text("memory_limit_from", r.memory_limit_from);
  out.member("cpu_pressure", pressure_json(r.cpu_pressure));
  out.member("memory_pressure", pressure_json(r.memory_pressure));
  out.member("io_pressure", pressure_json(r.io_pressure));
  out.member("energy", array(r.energy, [](const EnergyCounter& e) {
               return Json('{', '}')
                   .text("name", e.name)
                   .text("path", e.path)
                   .member("readable", e.readable ? "true" : "false")
                   .done();
             }));
  out.member("gpus", array(r.gpus, [](const Gpu& g) {
               return Json('{', '}').text("name", g.name).text("driver", g.driver).done();
             }));
  out.member("engines", strings(r.engines)).member("notes", strings(r.notes));
  return out.member("advice", strings(advice(r))).done();
}

}  // namespace pel
