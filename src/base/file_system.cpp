#include "base/file_system.h"

namespace bulwark {

Result<std::vector<std::uint8_t>> read_file(FileSystem& files, const std::string& path, std::uint64_t limit) {
  const auto file = TRY(files.open(path));
  const std::uint64_t size = TRY(file->size());
  if (size > limit)
    return fail(Code::LimitReached, path + ": " + std::to_string(size) + " bytes, at most " +
                                        std::to_string(limit) + " are read");
  std::vector<std::uint8_t> content(size);
  const std::size_t have = TRY(file->read_at(0, content));
  content.resize(have);  // it may have been cut since
  return content;
}

namespace {

Result<void> write_new(FileSystem& files, const std::string& path, Bytes content) {
  const auto file = TRY(files.create(path));
  TRY(file->append(content));
  return file->sync();
}

}  // namespace

Result<void> replace_file(FileSystem& files, const std::string& folder, const std::string& path,
                          const std::string& temporary, Bytes content) {
  auto written = write_new(files, temporary, content);
  if (written) written = files.rename(temporary, path);
  if (!written) {
    // A temporary that existed before is not ours; any other is of no use. What went wrong first is what
    // the caller is told.
    if (written.error().code != Code::InvalidInput) (void)files.remove(temporary);
    return written;
  }
  return files.sync_directory(folder);
}

}  // namespace bulwark
