// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/fixture_files.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
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
  if (archive_read_open_filename(handle.get(), path.c_str(), 1U << 18) != ARCHIVE_OK)
    archive_failed(handle.get(), path.string());
  return handle;
}

std::string read_member(archive* handle, const std::string& place, std::uint64_t limit) {
  std::string text;
  std::array<char, 1U << 16> buffer;
  for (;;) {
    const la_ssize_t got = archive_read_data(handle, buffer.data(), buffer.size());
    if (got < 0) archive_failed(handle, place);
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > limit)
      throw Error(place, "unpacks to more than " + std::to_string(limit) + " bytes");
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void read_tar(const FixtureSource& source, const std::function<void(FixtureFile&&)>& sink) {
  const Archive handle = open_archive(source.path, false);
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      archive_failed(handle.get(), source.path.string());
    const char* pathname = archive_entry_pathname(entry);
    const std::string name = pathname ? pathname : "";
    if (archive_entry_filetype(entry) != AE_IFREG || !name.ends_with(".json")) continue;
    const std::string place = source.path.string() + "/" + name;
    sink({place, read_member(handle.get(), place, source.member_limit)});
  }
}

void read_folder(const FixtureSource& source, const std::function<void(FixtureFile&&)>& sink) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(source.path))
    if (entry.is_regular_file() && is_json_name(entry.path().filename().string()))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  if (found.empty()) throw Error(source.path.string(), "no .json file in this folder");
  for (const fs::path& path : found)
    sink({path.string(), read_packed_file(path, source.member_limit)});
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
  return read_member(handle.get(), path.string(), limit);
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

void read_fixture_files(const FixtureSource& source,
                        const std::function<void(FixtureFile&&)>& sink) {
  std::error_code error;
  const fs::file_status status = fs::status(source.path, error);
  if (error || !fs::exists(status)) throw Error(source.path.string(), "no such file or folder");
  if (fs::is_directory(status)) return read_folder(source, sink);
  if (is_tar(source.path.string())) return read_tar(source, sink);
  sink({source.path.string(), read_packed_file(source.path, source.member_limit)});
}

}  // namespace pel::cli
