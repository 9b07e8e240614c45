#include "ledger/repair.h"

#include <algorithm>

#include "ledger/recovery.h"
#include "ledger/tile_reader.h"

namespace bulwark::ledger {
namespace {

// Hash tiles follow from the entries: written again from bundles that lead to the signed root.
Result<void> rebuild_tiles(Folder& folder, std::uint64_t size) {
  TileReader reader(folder.files(), folder.path(), size);
  RightEdge edge;
  const Put put = [&](const std::string& path, Bytes content) { return folder.put(path, content); };
  for (std::uint64_t index = 0; index * kTileWidth < size; ++index) {
    const Bundle bundle = TRY(reader.bundle(index));
    for (const Bytes entry : bundle.entries) TRY(edge.append(entry, leaf_hash(entry), put));
  }
  TRY(edge.put_partial(put));
  return folder.sync_tiles(0, size);
}

// A journal that cannot be read is set aside, and a new one starts from the published checkpoint.
Result<void> restart_journal(Folder& folder, const SignedCheckpoint& checkpoint) {
  TRY(folder.sync_tiles(0, checkpoint.checkpoint.size));
  const auto old = TRY(segments(folder.files(), folder.journal()));
  const std::uint64_t next = old.empty() ? 0 : old.back() + 1;
  const auto created = Segment::create(folder, next, to_text(checkpoint.note));
  if (!created) return std::unexpected(created.error());
  for (const std::uint64_t number : old)
    TRY(folder.files().rename(folder.segment(number), folder.journal() + "/damaged-" + segment_name(number)));
  return folder.files().sync_directory(folder.journal());
}

bool only_derived_files(const Audit& audit) {
  return audit.checkpoint && audit.entries == audit.checkpoint->checkpoint.size && !audit.intact() &&
         std::ranges::all_of(audit.discrepancies, [](const Discrepancy& one) {
           return one.fault == Fault::Edited || one.fault == Fault::Damaged;
         });
}

}  // namespace

Result<Repair> repair(FileSystem& files, const std::string& path, const AuditOptions& options) {
  Folder folder(files, path);
  const NoteKey key = TRY(folder.key());
  const auto lock = TRY(files.lock(folder.at("lock")));
  Repair result;
  const Audit before = TRY(audit(files, path, options));
  const auto recovered = recover(folder, key);
  if (recovered) {
    if (recovered->dropped_bytes > 0)
      result.done.push_back("dropped " + std::to_string(recovered->dropped_bytes) +
                            " bytes of a batch that was never acknowledged");
    const bool same = before.checkpoint && before.checkpoint->checkpoint == recovered->checkpoint.checkpoint;
    if (!same)
      result.done.push_back("published the checkpoint at size " + std::to_string(recovered->edge.size()) +
                            " from the journal");
  } else if (recovered.error().code == Code::Corrupt && before.intact() && before.checkpoint) {
    TRY(restart_journal(folder, *before.checkpoint));
    result.done.push_back("set the damaged journal aside (" + recovered.error().message +
                          "); a new one starts from the published checkpoint at size " +
                          std::to_string(before.entries));
  } else if (recovered.error().code != Code::Corrupt) {
    return std::unexpected(recovered.error());
  }
  result.after = TRY(audit(files, path, options));
  if (!before.intact() && result.after.intact())
    result.done.push_back("wrote tiles and bundles again from the journal");
  if (!only_derived_files(result.after)) return result;
  TRY(rebuild_tiles(folder, result.after.entries));
  result.done.push_back("computed the tiles again from the entries");
  result.after = TRY(audit(files, path, options));
  return result;
}

}  // namespace bulwark::ledger
