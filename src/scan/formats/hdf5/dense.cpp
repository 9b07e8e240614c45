// Dense links and attributes of the new format: a version 2 B-tree names objects in a fractal heap.

#include <algorithm>
#include <bit>

#include "scan/formats/hdf5/reader.h"

namespace bulwark::scan::hdf5 {
namespace {

constexpr std::uint32_t kNodePrefix = 10;  // signature, version, type, checksum
constexpr std::uint32_t kMaxTreeDepth = 16;
constexpr std::uint32_t kMaxIndirection = 16;
constexpr std::uint8_t kHugeRecords = 1;
constexpr std::uint8_t kLinkRecords = 5;
constexpr std::uint8_t kAttributeRecords = 8;

// Bytes that a number up to `limit` takes (H5VM_limit_enc_size).
std::uint32_t encoded_size(std::uint64_t limit) {
  return limit == 0 ? 1 : (static_cast<std::uint32_t>(std::bit_width(limit)) - 1) / 8 + 1;
}

}  // namespace

struct Reader::FractalHeap {
  std::uint64_t address = 0;
  std::uint64_t huge_index = 0;
  std::uint64_t start_size = 0;   // of the smallest direct block
  std::uint64_t direct_size = 0;  // of the largest
  std::uint64_t root = 0;
  std::uint32_t id_length = 0;
  std::uint32_t offset_bytes = 0;
  std::uint32_t length_bytes = 0;
  std::uint32_t width = 0;
  std::uint32_t rows = 0;  // of the root indirect block; 0: the root is a direct block
};

Result<Reader::FractalHeap> Reader::fractal_heap(std::uint64_t where) {
  ByteReader in = TRY(at(where, "fractal heap"));
  if (!has_magic(in.rest(), "FRHP"))
    return fail(Code::InvalidInput, "fractal heap has no signature", absolute(where));
  FractalHeap heap;
  heap.address = where;
  TRY(in.skip(5, "fractal heap"));
  heap.id_length = TRY(in.little_endian<std::uint16_t>("heap id length"));
  const auto filters = TRY(in.little_endian<std::uint16_t>("heap filters"));
  if (filters != 0) return fail(Code::Unsupported, "fractal heap is compressed", absolute(where));
  TRY(in.skip(1, "heap flags"));
  const auto managed_limit = TRY(in.little_endian<std::uint32_t>("managed object limit"));
  TRY(in.skip(length_size_, "huge objects"));
  heap.huge_index = TRY(address(in, "huge object index"));
  TRY(in.skip(offset_size_ + 9ULL * length_size_, "heap statistics"));
  heap.width = TRY(in.little_endian<std::uint16_t>("table width"));
  heap.start_size = TRY(length(in, "starting block size"));
  heap.direct_size = TRY(length(in, "largest direct block"));
  const auto bits = TRY(in.little_endian<std::uint16_t>("heap size"));
  TRY(in.skip(2, "starting rows"));
  heap.root = TRY(address(in, "root block"));
  heap.rows = TRY(in.little_endian<std::uint16_t>("root rows"));
  heap.offset_bytes = (bits + 7U) / 8;
  heap.length_bytes = std::min(encoded_size(heap.direct_size), encoded_size(managed_limit));
  const bool sane = std::has_single_bit(heap.start_size) && std::has_single_bit(heap.direct_size) &&
                    heap.direct_size >= heap.start_size && std::has_single_bit(heap.width) && bits <= 64;
  if (!sane) return fail(Code::InvalidInput, "fractal heap has impossible sizes", absolute(where));
  return heap;
}

// A managed object: down the indirect blocks of the doubling table to its direct block.
Result<Bytes> Reader::managed(const FractalHeap& heap, std::uint64_t offset, std::uint64_t length) {
  std::uint64_t block = heap.root;
  std::uint32_t rows = heap.rows;
  const auto log2 = [](std::uint64_t value) { return static_cast<std::uint32_t>(std::bit_width(value)) - 1; };
  const std::uint32_t direct_rows = log2(heap.direct_size) - log2(heap.start_size) + 2;
  for (std::uint32_t step = 0; rows != 0; ++step) {
    if (step > kMaxIndirection) return fail(Code::InvalidInput, "fractal heap is too deep", absolute(block));
    ByteReader in = TRY(at(block, "indirect block"));
    if (!has_magic(in.rest(), "FHIB"))
      return fail(Code::InvalidInput, "indirect block has no signature", absolute(block));
    std::uint32_t row = 0;
    std::uint64_t size = heap.start_size;
    while (row < rows && offset / size >= heap.width) {
      offset -= size * heap.width;
      if (row > 0) size *= 2;
      ++row;
      if (size > (std::uint64_t{1} << 48)) return fail(Code::InvalidInput, "heap offset is too large");
    }
    if (row >= rows) return fail(Code::InvalidInput, "heap object is outside of its heap", absolute(block));
    const std::uint64_t entry = std::uint64_t{row} * heap.width + offset / size;
    TRY(in.skip(5ULL + offset_size_ + heap.offset_bytes + entry * offset_size_, "indirect block entry"));
    block = TRY(address(in, "heap block"));
    offset %= size;
    if (row < direct_rows) break;
    const std::uint32_t first_row = log2(heap.start_size) + log2(heap.width);
    rows = log2(size) >= first_row ? log2(size) - first_row + 1 : 1;
  }
  ByteReader in = TRY(at(block, "direct block"));
  if (!has_magic(in.rest(), "FHDB"))
    return fail(Code::InvalidInput, "direct block has no signature", absolute(block));
  TRY(in.skip(offset, "heap object"));
  return in.take(length, "heap object");
}

Result<Bytes> Reader::heap_object(const FractalHeap& heap, Bytes id) {
  ByteReader in(id);
  const auto head = TRY(in.little_endian<std::uint8_t>("heap id"));
  const unsigned kind = (head >> 4U) & 3U;
  if (kind == 0) {
    const std::uint64_t offset = TRY(sized(in, heap.offset_bytes, "heap offset"));
    const std::uint64_t size = TRY(sized(in, heap.length_bytes, "heap length"));
    return managed(heap, offset, size);
  }
  if (kind == 2) return in.take((head & 0x0FU) + 1, "tiny object");
  // Huge objects: the id is a key of a tree of their own (address, length, key).
  if (kind != 1 || heap.id_length >= 1 + offset_size_ + length_size_)
    return fail(Code::Unsupported, "kind of heap object", absolute(heap.address));
  const std::uint64_t wanted = TRY(sized(in, std::min(heap.id_length - 1, length_size_), "huge object key"));
  const Ids records = TRY(index_ids(heap.huge_index, false));
  for (const Bytes record : records) {
    ByteReader fields(record);
    const std::uint64_t where = TRY(address(fields, "huge object"));
    const std::uint64_t size = TRY(length(fields, "huge object length"));
    const std::uint64_t key = TRY(length(fields, "huge object key"));
    if (key != wanted) continue;
    ByteReader object = TRY(at(where, "huge object"));
    return object.take(size, "huge object");
  }
  return fail(Code::InvalidInput, "huge object is not there", absolute(heap.address));
}

// The records of a version 2 B-tree, internal nodes included.
Result<Reader::Ids> Reader::index_ids(std::uint64_t where, bool attributes) {
  ByteReader in = TRY(at(where, "index"));
  if (!has_magic(in.rest(), "BTHD"))
    return fail(Code::InvalidInput, "index has no signature", absolute(where));
  TRY(in.skip(5, "index"));
  const auto kind = TRY(in.little_endian<std::uint8_t>("index type"));
  const auto node_size = TRY(in.little_endian<std::uint32_t>("index node size"));
  const auto record = TRY(in.little_endian<std::uint16_t>("index record size"));
  const auto depth = TRY(in.little_endian<std::uint16_t>("index depth"));
  TRY(in.skip(2, "index balance"));
  const std::uint64_t root = TRY(address(in, "index root"));
  const auto root_records = TRY(in.little_endian<std::uint16_t>("index root records"));
  if (kind != kLinkRecords && kind != kAttributeRecords && kind != kHugeRecords)
    return fail(Code::Unsupported, "index of type " + std::to_string(kind), absolute(where));
  if (kind != kHugeRecords && (kind == kAttributeRecords) != attributes)
    return fail(Code::InvalidInput, "index of the wrong type", absolute(where));
  if (record == 0 || node_size <= kNodePrefix + record || depth > kMaxTreeDepth)
    return fail(Code::InvalidInput, "index has impossible sizes", absolute(where));

  // Sizes of the fields of a child pointer depend on how many records a subtree can hold.
  const std::uint64_t leaf_records = (node_size - kNodePrefix) / record;
  std::vector<std::uint32_t> total_size{0};
  std::uint64_t total = leaf_records;
  for (std::uint32_t level = 1; level <= depth; ++level) {
    const std::uint64_t pointer = offset_size_ + encoded_size(leaf_records) + total_size.back();
    const std::uint64_t most =
        node_size > kNodePrefix + pointer ? (node_size - kNodePrefix - pointer) / (record + pointer) : 0;
    total =
        std::min<std::uint64_t>((most + 1) * std::min<std::uint64_t>(total, 1ULL << 40) + most, 1ULL << 56);
    total_size.push_back(encoded_size(total));
  }

  struct Node {
    std::uint64_t address;
    std::uint64_t records;
    std::uint32_t level;
  };
  std::vector<Node> open{{root, root_records, depth}};
  std::set<std::uint64_t> seen;
  Ids ids;
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (node.records == 0 && node.level == 0) continue;
    if (!seen.insert(node.address).second)
      return fail(Code::InvalidInput, "index refers to itself", absolute(node.address));
    ByteReader body = TRY(at(node.address, "index node"));
    if (!has_magic(body.rest(), node.level == 0 ? "BTLF" : "BTIN"))
      return fail(Code::InvalidInput, "index node has no signature", absolute(node.address));
    TRY(body.skip(6, "index node"));
    for (std::uint64_t i = 0; i < node.records; ++i) {
      TRY(charge(record));
      const Bytes content = TRY(body.take(record, "index record"));
      ids.push_back(content);
    }
    for (std::uint64_t i = 0; node.level > 0 && i <= node.records; ++i) {
      Node child{.address = 0, .records = 0, .level = node.level - 1};
      child.address = TRY(address(body, "index child"));
      child.records = TRY(sized(body, encoded_size(leaf_records), "index child records"));
      TRY(body.skip(total_size[node.level - 1], "index child total"));
      open.push_back(child);
    }
  }
  return ids;
}

Result<void> Reader::dense_objects(const DenseStorage& storage, bool attributes,
                                   const std::function<Result<void>(Bytes, std::uint64_t)>& visit) {
  if (storage.heap == undefined() || storage.index == undefined()) return {};
  const FractalHeap heap = TRY(fractal_heap(storage.heap));
  const Ids records = TRY(index_ids(storage.index, attributes));
  for (const Bytes record : records) {
    ByteReader in(record);
    if (!attributes) TRY(in.skip(4, "name hash"));
    const Bytes id = TRY(in.take(attributes ? 8 : heap.id_length, "heap id"));
    if (attributes) {
      const auto flags = TRY(in.little_endian<std::uint8_t>("message flags"));
      if ((flags & 0x02U) != 0) return fail(Code::Unsupported, "attribute in the shared message heap");
    }
    const Bytes object = TRY(heap_object(heap, id));
    TRY(visit(object, offset_of(object)));
  }
  return {};
}

}  // namespace bulwark::scan::hdf5
