// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pel/error.hpp"

namespace pel::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* verb, int error) {
  throw Error(path.string(), std::string("cannot ") + verb + ": " + std::strerror(error));
}

void write_all(int fd, std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

template <class Bytes>
Bytes read_whole(const std::filesystem::path& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "open", errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail(path, "read", errno);
  if (S_ISDIR(info.st_mode)) throw Error(path.string(), "is a folder, not a file");
  Bytes bytes;
  std::size_t used = 0;
  std::size_t grow = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) + 1 : 65536;
  for (;;) {
    if (used > limit) {
      throw Error(path.string(), "holds more than " + std::to_string(limit) + " bytes");
    }
    if (used == bytes.size()) {
      bytes.resize(used + grow);
      grow = bytes.size();
    }
    const ssize_t n = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "read", errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  bytes.resize(used);
  return bytes;
}

// A free name beside `path`: `make` makes the file, or returns false and leaves errno. A name may
// be taken by what a killed process of the same number left behind, in another container perhaps.
template <class Make>
bool take_name(const std::filesystem::path& path, std::filesystem::path& name, const Make& make) {
  const std::string start = path.string() + ".part" + std::to_string(::getpid());
  for (int i = 0; i < 1000; ++i) {
    name = i == 0 ? start : start + "-" + std::to_string(i);
    if (make(name.c_str())) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

[[noreturn]] void give_up(const std::filesystem::path& name, const std::filesystem::path& path) {
  const int error = errno;
  ::unlink(name.c_str());
  fail(path, "replace", error);
}

// The file has no name before it is whole, so nothing is left of it however the process ends. False
// where the file system gives no such files, or nothing for them: then the named way says why.
bool write_unnamed(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (file.get() < 0) return false;
  write_all(file.get(), bytes, path);
  if (::fsync(file.get()) != 0) fail(path, "write", errno);
  const std::string source = "/proc/self/fd/" + std::to_string(file.get());
  const auto link = [&](const char* name) {
    return ::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
  };
  if (link(path.c_str())) return true;
  std::filesystem::path name;
  if (errno != EEXIST || !take_name(path, name, link)) return false;
  if (::rename(name.c_str(), path.c_str()) != 0) give_up(name, path);
  return true;
}

void write_named(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  int opened = -1;
  std::filesystem::path name;
  const auto make = [&](const char* candidate) {
    opened = ::open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return opened >= 0;
  };
  if (!take_name(path, name, make)) fail(path, "write", errno);
  Descriptor file(opened);
  try {
    write_all(file.get(), bytes, path);
    if (::fsync(file.get()) != 0 || file.close() != 0) fail(path, "write", errno);
  } catch (...) {
    ::unlink(name.c_str());
    throw;
  }
  if (::rename(name.c_str(), path.c_str()) != 0) give_up(name, path);
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  return read_whole<std::vector<std::uint8_t>>(path, limit);
}

std::string read_text(const std::filesystem::path& path, std::uint64_t limit) {
  return read_whole<std::string>(path, limit);
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) fail(path, "open for writing", errno);
    return write_all(file.get(), bytes, path);
  }
  if (!write_unnamed(path, bytes)) write_named(path, bytes);
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  write_file(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace pel::base
