#include "store/segment_index.h"

#include <algorithm>

#include "store/limits.h"
#include "store/size_class.h"

namespace bulwark::store {
namespace {

constexpr std::size_t kCompareBytes = std::size_t{1} << 18;

}  // namespace

bool holds(const Store& store, const Segment& segment, Bytes content, std::vector<std::uint8_t>& buffer) {
  auto reader = store.open_segment(segment, content.size());
  if (!reader) return false;
  buffer.resize(kCompareBytes);
  for (std::uint64_t at = 0;;) {
    const auto got = reader->read_at(at, buffer);
    if (!got) return false;
    if (*got == 0) return at == size_class(content.size());
    const std::size_t begin = std::min<std::uint64_t>(at, content.size());
    const std::size_t end = std::min<std::uint64_t>(at + *got, content.size());
    const auto padding = buffer.begin() + static_cast<std::ptrdiff_t>(end - begin);
    const auto stop = buffer.begin() + static_cast<std::ptrdiff_t>(*got);
    if (!std::equal(buffer.begin(), padding, content.begin() + static_cast<std::ptrdiff_t>(begin)))
      return false;
    if (std::any_of(padding, stop, [](std::uint8_t byte) { return byte != 0; })) return false;
    at += *got;
  }
}

void SegmentIndex::add(const Segment& segment, std::uint64_t size) {
  auto& known = known_[segment.probe];
  const bool there =
      std::ranges::any_of(known, [&](const Known& k) { return k.segment.blob == segment.blob; });
  if (!there && known.size() < StoreLimits::kCandidates) known.push_back({.segment = segment, .size = size});
}

Result<void> SegmentIndex::load(const Store& store) {
  return store.each_object([&](const ObjectId&, Result<ObjectRecord> record) -> Result<void> {
    if (!record) return {};
    const auto* key = std::get_if<KeyRecord>(&*record);
    if (key == nullptr) return {};
    const auto manifest = store.manifest(*key);
    if (!manifest) return {};
    for (std::size_t i = 0; i < manifest->segments.size(); ++i)
      add(manifest->segments[i], manifest->segment_size(i));
    return {};
  });
}

const Segment* SegmentIndex::find(const Store& store, Bytes content, const Probe& probe) {
  const auto found = known_.find(probe);
  if (found == known_.end()) return nullptr;
  for (const Known& known : found->second)
    if (known.size == content.size() && holds(store, known.segment, content, buffer_)) return &known.segment;
  return nullptr;
}

}  // namespace bulwark::store
