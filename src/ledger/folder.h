#pragma once
// The folder that a log lives in: its names, and how files get there.
//
//   log.vkey          the log's name and public key, written once
//   lock              held by the one writer
//   journal/          what is durable (ledger/journal.h)
//   checkpoint, tile/ what everybody reads, C2SP tlog-tiles; made from the journal
//   witnessed         the newest checkpoint that witnesses have signed

#include <set>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "ledger/note.h"

namespace bulwark::ledger {

class Folder {
 public:
  // `files` outlives it.
  Folder(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  [[nodiscard]] FileSystem& files() const { return files_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string journal() const { return at("journal"); }
  [[nodiscard]] std::string segment(std::uint64_t number) const;
  [[nodiscard]] std::string checkpoint() const { return at("checkpoint"); }
  [[nodiscard]] std::string witnessed() const { return at("witnessed"); }

  // Name and key of the log. Errors: NotFound: no log here; InvalidInput.
  [[nodiscard]] Result<NoteKey> key() const;

  // Writes a file of the layout so that readers see the old or the new content. Not durable: the journal is.
  // Errors: LimitReached (no space), Denied, Unavailable.
  [[nodiscard]] Result<void> put(const std::string& name, Bytes content);
  // What a writer that died left half-written.
  [[nodiscard]] Result<void> remove_leftovers();

  // Makes the tiles durable that lead from a tree of `old_size` entries to one of `size`, children before
  // parents, then removes the partial tiles that full ones replace. Errors: Unavailable; a failed sync is
  // never retried.
  [[nodiscard]] Result<void> sync_tiles(std::uint64_t old_size, std::uint64_t size) const;

 private:
  [[nodiscard]] Result<void> make_parents(const std::string& name);
  [[nodiscard]] Result<void> sync_file(const std::string& name, std::set<std::string>& folders) const;
  [[nodiscard]] Result<void> remove_partial(const std::string& full) const;

  FileSystem& files_;
  std::string path_;
  std::set<std::string> made_;  // folders that are known to exist; forgotten when it grows
};

}  // namespace bulwark::ledger
