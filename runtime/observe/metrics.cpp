// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "pel/resources.hpp"
#include "runtime/executor/counters.hpp"
#include "runtime/observe/progress_list.hpp"

namespace pel {
namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

// Metric families in the text exposition format, version 0.0.4.
class Families {
 public:
  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void sample(const std::string& value) { out_.append(name_).append(" ").append(value) += '\n'; }
  void sample(const char* label, std::string_view label_text, const std::string& value) {
    out_.append(name_).append("{").append(label).append("=\"").append(label_value(label_text));
    out_.append("\"} ").append(value) += '\n';
  }
  void gauge(const char* name, const char* help, const std::string& value) {
    family(name, "gauge", help);
    sample(value);
  }
  std::string take() { return std::move(out_); }

 private:
  const char* name_ = "";
  std::string out_;
};

struct CounterFamily {
  const char* name;
  const char* help;
  std::uint64_t Counters::*value;
  bool is_ns = false;
};

constexpr CounterFamily kCounters[] = {
    {"pel_steals_total", "Jobs taken from another worker.", &Counters::steals},
    {"pel_failed_steals_total", "Searches that found nothing to take.", &Counters::failed_steals},
    {"pel_parks_total", "Times a worker went to sleep.", &Counters::parks},
    {"pel_wakes_total", "Times a worker woke another.", &Counters::wakes},
    {"pel_tasks_spawned_total", "Tasks of groups and spawn().", &Counters::spawned},
    {"pel_tasks_executed_total", "Tasks of groups and spawn() that ran.", &Counters::executed},
    {"pel_join_idle_seconds_total", "Time in joins with nothing to run.", &Counters::join_idle_ns,
     true},
};

void add_executor(Families& out, const Executor& executor) {
  out.gauge("pel_workers", "Threads that may run tasks at once.",
            std::to_string(executor.workers()));
  const std::vector<Counters> workers = detail::counters_per_worker(executor);
  for (const CounterFamily& counter : kCounters) {
    out.family(counter.name, "counter", counter.help);
    for (std::size_t w = 0; w < workers.size(); ++w) {
      const std::uint64_t value = workers[w].*counter.value;
      out.sample("worker", std::to_string(w),
                 counter.is_ns ? number(static_cast<double>(value) * 1e-9) : std::to_string(value));
    }
  }
}

void add_progress(Families& out) {
  struct Row {
    std::string label;
    std::uint64_t done, total;
  };
  std::vector<Row> rows;
  observe::for_each_progress([&](const Progress& p) {
    for (const Row& row : rows) {
      if (row.label == p.label()) return;  // a series appears once: the oldest of a name
    }
    rows.push_back({p.label(), p.done(), p.total()});
  });
  if (rows.empty()) return;
  out.family("pel_progress_done", "gauge", "Units of work done.");
  for (const Row& row : rows) out.sample("work", row.label, std::to_string(row.done));
  out.family("pel_progress_expected", "gauge", "Units of work in all; 0 while unknown.");
  for (const Row& row : rows) out.sample("work", row.label, std::to_string(row.total));
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

// Resident bytes: the second number of /proc/self/statm, in pages.
double resident_bytes() {
  unsigned long long size = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE))
                   : 0;
}

void add_process(Families& out) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  out.family("process_cpu_seconds_total", "counter", "User and system CPU time of the process.");
  out.sample(number(seconds(usage.ru_utime) + seconds(usage.ru_stime)));
  out.gauge("process_resident_memory_bytes", "Resident memory of the process.",
            number(resident_bytes()));
}

void add_machine(Families& out) {
  Resources machine;
  machine.refresh();
  out.gauge("pel_usable_cores", "Cores that affinity and quotas leave to the process.",
            std::to_string(machine.usable_cores));
  if (machine.cpu_pressure.known) {
    out.gauge("pel_cpu_pressure_ratio", "Share of the last 10 s in which tasks waited for a core.",
              number(machine.cpu_pressure.some_percent / 100));
  }
  out.gauge("pel_memory_available_bytes", "Memory that can be had without swapping.",
            std::to_string(machine.memory_available));
}

}  // namespace

std::string metrics_text(const Executor& executor) {
  Families out;
  add_executor(out, executor);
  add_progress(out);
  add_process(out);
  add_machine(out);
  return out.take();
}

std::string metrics_text() { return metrics_text(Executor::current()); }

}  // namespace pel
