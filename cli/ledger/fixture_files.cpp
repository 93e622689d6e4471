// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/fixture_files.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "pel/error.hpp"

namespace pel::cli {
namespace {

namespace fs = std::filesystem;

struct CloseArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

[[noreturn]] void archive_failed(archive* handle, const std::string& place) {
  const char* words = archive_error_string(handle);
  throw Error(place, words ? words : "cannot be unpacked", "the file may be cut or damaged");
}

Archive open_archive(const fs::path& path, bool raw) {
  Archive handle(archive_read_new());
  archive_read_support_filter_all(handle.get());
  if (raw) {
    archive_read_support_format_raw(handle.get());
    archive_read_support_format_empty(handle.get());
  } else {
    archive_read_support_format_tar(handle.get());
  }
  if (archive_read_open_filename(handle.get(), path.c_str(), 1U << 18) == ARCHIVE_OK) return handle;
  // The first bytes are unpacked here too. What is wrong with them is no error of the system.
  const int error = archive_errno(handle.get());
  if (error <= 0 || error == EILSEQ) archive_failed(handle.get(), path.string());
  throw Error(path.string(), "cannot be opened: " + std::generic_category().message(error));
}

// Nothing if the member is larger than `limit`.
std::optional<std::string> read_member(archive* handle, const std::string& place,
                                       std::uint64_t limit) {
  std::string text;
  std::array<char, 1U << 16> buffer;
  for (;;) {
    const la_ssize_t got = archive_read_data(handle, buffer.data(), buffer.size());
    if (got < 0) archive_failed(handle, place);
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > limit) return {};
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Error too_large(const std::string& place, std::uint64_t limit) {
  return Error(place, "unpacks to more than " + std::to_string(limit) + " bytes");
}

using Sink = std::function<void(FixtureFile&&)>;

// The files of an archive, one after the other.
class TarReader {
 public:
  explicit TarReader(const FixtureSource& source)
      : source_(source), handle_(open_archive(source.path, false)) {}

  // False at the end. Throws where the archive is broken.
  bool next(FixtureFile& file, const FixtureFailed& failed) {
    archive_entry* entry = nullptr;
    for (;;) {
      const int status = archive_read_next_header(handle_.get(), &entry);
      if (status == ARCHIVE_EOF) return false;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        archive_failed(handle_.get(), source_.path.string());
      const char* pathname = archive_entry_pathname(entry);
      const std::string name = pathname ? pathname : "";
      if (archive_entry_filetype(entry) != AE_IFREG || !name.ends_with(".json")) continue;
      file.name = source_.path.string() + "/" + name;
      auto text = read_member(handle_.get(), file.name, source_.member_limit);
      if (!text) {
        failed(too_large(file.name, source_.member_limit));
        continue;
      }
      file.text = *std::move(text);
      return true;
    }
  }

 private:
  const FixtureSource& source_;
  Archive handle_;
};

// Whether `read` ended without an error, which goes to `failed`.
template <class Read>
bool succeeds(const std::string& place, const Read& read, const FixtureFailed& failed) {
  try {
    return read();
  } catch (const Error& error) {
    failed(error);
  } catch (const std::bad_alloc&) {
    failed(Error(place, "there is not enough memory to unpack it"));
  }
  return false;
}

void read_tar(const FixtureSource& source, const Sink& sink, const FixtureFailed& failed) {
  std::optional<TarReader> reader;
  for (;;) {
    FixtureFile file;
    const auto read = [&] {
      if (!reader) reader.emplace(source);
      return reader->next(file, failed);
    };
    if (!succeeds(source.path.string(), read, failed)) return;
    sink(std::move(file));
  }
}

void read_file(const fs::path& path, std::uint64_t limit, const Sink& sink,
               const FixtureFailed& failed) {
  FixtureFile file{path.string(), {}};
  const auto read = [&] {
    file.text = read_packed_file(path, limit);
    return true;
  };
  if (succeeds(file.name, read, failed)) sink(std::move(file));
}

void read_folder(const FixtureSource& source, const Sink& sink, const FixtureFailed& failed) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(source.path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!is_json_name(entry->path().filename().string())) continue;
    std::error_code unknown;  // a link to nothing: reading it says so
    if (entry->is_regular_file(unknown) || unknown) found.push_back(entry->path());
  }
  if (error) failed(Error(source.path.string(), "cannot be listed: " + error.message()));
  std::sort(found.begin(), found.end());
  if (!error && found.empty()) failed(Error(source.path.string(), "no .json file in this folder"));
  for (const fs::path& path : found) read_file(path, source.member_limit, sink, failed);
}

bool is_tar(const std::string& name) {
  for (const char* end : {".tar", ".tar.xz", ".tar.gz", ".tgz", ".tar.bz2", ".tar.zst", ".txz"})
    if (name.ends_with(end)) return true;
  return false;
}

}  // namespace

bool is_json_name(const std::string& name) {
  return name.ends_with(".json") || name.ends_with(".json.gz") || name.ends_with(".json.xz");
}

std::string read_packed_file(const fs::path& path, std::uint64_t limit) {
  const Archive handle = open_archive(path, true);
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(handle.get(), &entry);
  if (status == ARCHIVE_EOF) return {};
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) archive_failed(handle.get(), path.string());
  auto text = read_member(handle.get(), path.string(), limit);
  if (!text) throw too_large(path.string(), limit);
  return *std::move(text);
}

std::string gzip(std::string_view text) {
  const auto append = [](archive*, void* out, const void* bytes, std::size_t size) -> la_ssize_t {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  std::string packed;
  const std::unique_ptr<archive, decltype(&archive_write_free)> handle(archive_write_new(),
                                                                       archive_write_free);
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                            archive_entry_free);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  const bool done =
      archive_write_add_filter_gzip(handle.get()) == ARCHIVE_OK &&
      archive_write_set_format_raw(handle.get()) == ARCHIVE_OK &&
      archive_write_set_options(handle.get(), "gzip:!timestamp") == ARCHIVE_OK &&
      archive_write_set_bytes_in_last_block(handle.get(), 1) == ARCHIVE_OK &&
      archive_write_open(handle.get(), &packed, nullptr, append, nullptr) == ARCHIVE_OK &&
      archive_write_header(handle.get(), entry.get()) == ARCHIVE_OK &&
      archive_write_data(handle.get(), text.data(), text.size()) ==
          static_cast<la_ssize_t>(text.size()) &&
      archive_write_close(handle.get()) == ARCHIVE_OK;
  if (!done) archive_failed(handle.get(), "gzip");
  return packed;
}

void read_fixture_files(const FixtureSource& source, const std::function<void(FixtureFile&&)>& sink,
                        const FixtureFailed& failed) {
  const std::string place = source.path.string();
  std::error_code error;
  const fs::file_status status = fs::status(source.path, error);
  if (error || !fs::exists(status)) return failed(Error(place, "no such file or folder"));
  if (fs::is_directory(status)) return read_folder(source, sink, failed);
  if (is_tar(place)) return read_tar(source, sink, failed);
  read_file(source.path, source.member_limit, sink, failed);
}

void read_fixture_files(const FixtureSource& source,
                        const std::function<void(FixtureFile&&)>& sink) {
  read_fixture_files(source, sink, [](const Error& error) { throw error; });
}

}  // namespace pel::cli
