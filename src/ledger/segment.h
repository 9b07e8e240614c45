#pragma once
// The end of the journal: where a writer appends.

#include <memory>
#include <string_view>

#include "ledger/folder.h"
#include "ledger/journal.h"

namespace bulwark::ledger {

// Used by one thread at a time.
class Segment {
 public:
  // A new one that starts with the text of a signed checkpoint. Complete and durable before it has its name.
  [[nodiscard]] static Result<Segment> create(const Folder& folder, std::uint64_t number,
                                              std::string_view checkpoint);
  // One that recovery has read up to `offset`; whatever is behind it is cut off. Durable when it returns:
  // what a process wrote before it died may not be.
  [[nodiscard]] static Result<Segment> resume(const Folder& folder, std::uint64_t number,
                                              std::uint64_t offset, const Checksum& chain, bool cut);

  // Durable when it returns. After an error the record is not there; `usable()` says whether the segment is.
  [[nodiscard]] Result<void> append(const Batch& batch);
  [[nodiscard]] bool usable() const { return usable_; }

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t size() const { return offset_; }  // bytes

 private:
  Segment(FileSystem& files, std::string path, std::uint64_t number)
      : files_(&files), path_(std::move(path)), number_(number) {}

  FileSystem* files_;
  std::string path_;
  std::uint64_t number_;
  std::unique_ptr<WritableFile> file_;
  std::uint64_t offset_ = 0;
  Checksum chain_{};
  bool usable_ = true;
};

}  // namespace bulwark::ledger
