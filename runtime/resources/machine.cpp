// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/machine.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pel::resources {
namespace {

using std::string_view;

bool has_all(const std::vector<string_view>& flags, std::initializer_list<string_view> wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](string_view name) {
    return std::find(flags.begin(), flags.end(), name) != flags.end();
  });
}

// The microarchitecture levels of the x86-64 psABI, in the kernel's spelling of the flags.
int x86_level_of(const std::vector<string_view>& flags) {
  if (!has_all(flags, {"lm", "sse2"})) return 0;
  if (!has_all(flags, {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"})) return 1;
  if (!has_all(flags, {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"})) {
    return 2;
  }
  return has_all(flags, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}) ? 4 : 3;
}

std::uint64_t kilobytes(string_view meminfo, string_view key) {
  const auto value = field(meminfo, key);
  if (!value) return 0;
  const std::vector<string_view> parts = words(*value);
  if (parts.empty()) return 0;
  const auto number = parse_number(parts[0]);
  return number && *number < (UINT64_MAX >> 10) ? *number * 1024 : 0;
}

Pressure pressure_of(const SystemFiles& files, const std::string& path) {
  Pressure result;
  const auto text = files.read(path);
  if (!text) return result;
  for (const string_view line : split(*text, '\n')) {
    const std::vector<string_view> parts = words(line);
    if (parts.size() < 2 || !parts[1].starts_with("avg10=")) continue;
    const auto percent = parse_real(parts[1].substr(6));
    if (!percent || *percent > 100) continue;
    if (parts[0] == "some") {
      result.known = true;
      result.some_percent = *percent;
    } else if (parts[0] == "full") {
      result.full_percent = *percent;
    }
  }
  return result;
}

Gpu gpu_of(const SystemFiles& files, const std::string& device, string_view vendor) {
  std::string name = "PCI device " + std::string(vendor);
  if (vendor == "0x10de") name = "NVIDIA";
  if (vendor == "0x1002") name = "AMD";
  if (vendor == "0x8086") name = "Intel";
  return {name + " " + files.read(device + "/device").value_or(""),
          files.link_name(device + "/driver")};
}

}  // namespace

void read_processor(const SystemFiles& files, Resources& into) {
  const auto online = parse_list(files.read("/sys/devices/system/cpu/online").value_or(""));
  if (online && !online->empty()) into.online_cores = static_cast<int>(online->size());
  const auto info = files.read("/proc/cpuinfo");
  if (!info) return;
  into.cpu_model = field(*info, "model name").value_or("");
  const std::vector<string_view> flags = words(field(*info, "flags").value_or(""));
  into.x86_level = x86_level_of(flags);
  into.cpu_features.clear();
  for (const char* name :
       {"sse4_2", "avx", "avx2", "fma", "bmi2", "sha_ni", "aes", "avx512f", "amx_tile"}) {
    if (has_all(flags, {name})) into.cpu_features.emplace_back(name);
  }
}

void read_caches(const SystemFiles& files, Resources& into) {
  into.caches.clear();
  const int core = into.allowed_cores.empty() ? 0 : into.allowed_cores.front();
  const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cache";
  for (const std::string& name : files.list(folder)) {
    const std::string index = folder + "/" + name;
    const auto level = parse_number(files.read(index + "/level").value_or(""));
    const auto bytes = parse_size(files.read(index + "/size").value_or(""));
    if (!level || *level < 1 || *level > 9 || !bytes) continue;
    const auto sharing = parse_list(files.read(index + "/shared_cpu_list").value_or(""));
    const int shared_by = sharing && !sharing->empty() ? static_cast<int>(sharing->size()) : 1;
    into.caches.push_back(
        {static_cast<int>(*level), files.read(index + "/type").value_or(""), *bytes, shared_by});
  }
}

void read_numa(const SystemFiles& files, Resources& into) {
  into.numa.clear();
  const std::string folder = "/sys/devices/system/node";
  for (const std::string& name : files.list(folder)) {
    if (!name.starts_with("node")) continue;
    const auto id = parse_number(string_view(name).substr(4));
    const auto cores = parse_list(files.read(folder + "/" + name + "/cpulist").value_or(""));
    if (!id || *id > 65535 || !cores) continue;
    NumaNode node{static_cast<int>(*id), {}, 0};
    std::set_intersection(cores->begin(), cores->end(), into.allowed_cores.begin(),
                          into.allowed_cores.end(), std::back_inserter(node.cores));
    const auto info = files.read(folder + "/" + name + "/meminfo").value_or("");
    const std::string prefix = "Node " + std::to_string(node.id) + " MemTotal";
    node.memory_bytes = kilobytes(info, prefix);
    into.numa.push_back(std::move(node));
  }
  std::sort(into.numa.begin(), into.numa.end(),
            [](const NumaNode& a, const NumaNode& b) { return a.id < b.id; });
}

void read_memory(const SystemFiles& files, Resources& into) {
  const auto info = files.read("/proc/meminfo");
  if (!info) return;
  into.memory_total = kilobytes(*info, "MemTotal");
  into.memory_available = kilobytes(*info, "MemAvailable");
}

void read_pressure(const SystemFiles& files, Resources& into) {
  into.cpu_pressure = pressure_of(files, "/proc/pressure/cpu");
  into.memory_pressure = pressure_of(files, "/proc/pressure/memory");
  into.io_pressure = pressure_of(files, "/proc/pressure/io");
  const auto text = files.read("/proc/loadavg").value_or("");
  const std::vector<string_view> load = words(text);
  if (!load.empty()) into.load_1min = parse_real(load[0]).value_or(0);
}

void read_energy(const SystemFiles& files, Resources& into) {
  into.energy.clear();
  const std::string folder = "/sys/class/powercap";
  for (const std::string& zone : files.list(folder)) {
    const std::string path = folder + "/" + zone + "/energy_uj";
    if (!files.exists(path)) continue;
    into.energy.push_back(
        {files.read(folder + "/" + zone + "/name").value_or(zone), path, files.readable(path)});
  }
}

void read_gpus(const SystemFiles& files, Resources& into) {
  into.gpus.clear();
  const std::string nvidia = "/proc/driver/nvidia/gpus";
  for (const std::string& device : files.list(nvidia)) {
    const auto info = files.read(nvidia + "/" + device + "/information").value_or("");
    into.gpus.push_back({std::string(field(info, "Model").value_or("NVIDIA")), "nvidia"});
  }
  if (!into.gpus.empty()) return;
  const std::string pci = "/sys/bus/pci/devices";
  for (const std::string& device : files.list(pci)) {
    const std::string path = pci + "/" + device;
    // Display controllers are class 0x03, processing accelerators 0x12; 0x0300 is plain VGA.
    const auto kind = files.read(path + "/class").value_or("");
    const auto vendor = files.read(path + "/vendor").value_or("");
    const bool computes = vendor == "0x10de" || vendor == "0x1002" || vendor == "0x8086";
    if (computes && (kind.starts_with("0x03") || kind.starts_with("0x12"))) {
      into.gpus.push_back(gpu_of(files, path, vendor));
    }
  }
}

void read_engines(const SystemFiles& files, Resources& into) {
  into.engines.clear();
  for (const char* name : {"mpirun", "srun", "ray", "dask", "starpu_machine_display"}) {
    for (const char* folder : {"/usr/local/bin/", "/usr/bin/"}) {
      if (!files.exists(std::string(folder) + name)) continue;
      into.engines.emplace_back(name);
      break;
    }
  }
}

}  // namespace pel::resources
