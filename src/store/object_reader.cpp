#include "store/object_reader.h"

#include <algorithm>

#include "store/limits.h"

namespace bulwark::store {

Result<ObjectReader> ObjectReader::open(const Store& store, const ObjectId& object) {
  const KeyRecord record = TRY(store.live(object));
  Manifest manifest = TRY(store.manifest(record));
  return ObjectReader(store, std::move(manifest));
}

Result<ChunkReader*> ObjectReader::segment(std::size_t index) {
  const auto found = std::ranges::find(open_, index, [](const auto& entry) { return entry.first; });
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return &open_.front().second;
  }
  ChunkReader reader = TRY(store_->open_segment(manifest_.segments[index], manifest_.segment_size(index)));
  open_.emplace_front(index, std::move(reader));
  if (open_.size() > StoreLimits::kOpenSegments) open_.pop_back();
  return &open_.front().second;
}

Result<std::size_t> ObjectReader::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset >= manifest_.size) return 0;
  const std::size_t wanted = std::min<std::uint64_t>(out.size(), manifest_.size - offset);
  if (manifest_.segments.empty()) {
    std::copy_n(manifest_.content.begin() + static_cast<std::ptrdiff_t>(offset), wanted, out.begin());
    return wanted;
  }
  for (std::size_t done = 0; done < wanted;) {
    const std::uint64_t at = offset + done;
    const std::size_t index = at / manifest_.segment_bytes;
    const std::uint64_t inside = at % manifest_.segment_bytes;
    const std::size_t part = std::min<std::uint64_t>(wanted - done, manifest_.segment_size(index) - inside);
    ChunkReader* reader = TRY(segment(index));
    const auto got = reader->read_at(inside, out.subspan(done, part));
    if (!got) {
      Error error = got.error();
      return std::unexpected(std::move(error).within("segment " + blob_path(manifest_.segments[index].blob)));
    }
    if (*got < part)
      return fail(Code::Corrupt, "segment " + blob_path(manifest_.segments[index].blob) + " was cut");
    done += part;
  }
  return wanted;
}

}  // namespace bulwark::store
