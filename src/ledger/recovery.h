#pragma once
// From what a writer left behind, whenever it stopped, to a log that can be read and continued.
//
// The journal is the truth: everything that a reader may have seen was durable there before. Tiles, bundles
// and the checkpoint file since the journal's start are written again.

#include <string>
#include <vector>

#include "ledger/checkpoint.h"
#include "ledger/folder.h"
#include "ledger/right_edge.h"
#include "ledger/segment.h"

namespace bulwark::ledger {

struct Recovered {
  RightEdge edge;
  SignedCheckpoint checkpoint;
  Segment segment;                      // to append to
  std::uint64_t settled = 0;            // size up to which tiles are durable without the journal
  std::vector<std::uint64_t> segments;  // all, ascending
  std::uint64_t batches = 0;            // in the journal
  std::uint64_t dropped_bytes = 0;      // of a batch that was never acknowledged
};

// The caller holds the lock. Errors: Corrupt: what is there contradicts itself or a checkpoint that was
// published; nothing has been changed then that could be evidence. Those of the file system.
[[nodiscard]] Result<Recovered> recover(Folder& folder, const NoteKey& key);

// What recover() would find, without changing anything.
struct JournalState {
  std::uint64_t size = 0;     // entries that the journal leads to
  std::uint64_t settled = 0;  // entries in front of its start
  std::uint64_t batches = 0;
  std::uint64_t dropped_bytes = 0;  // of a batch that was never acknowledged
};

// Errors: as recover(). Whoever calls it while a writer is at work may see the middle of a batch.
[[nodiscard]] Result<JournalState> look_at_journal(Folder& folder, const NoteKey& key);

}  // namespace bulwark::ledger
