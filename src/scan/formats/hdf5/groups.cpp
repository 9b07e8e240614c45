// Groups of the old format: B-tree version 1, symbol table nodes, local heaps; and the global heap.

#include <algorithm>

#include "scan/formats/hdf5/reader.h"

namespace bulwark::scan::hdf5 {
namespace {

constexpr std::uint32_t kSoftLink = 2;  // cache type of a symbol table entry
constexpr std::size_t kMaxTreeNodes = 1'000'000;

}  // namespace

Result<Bytes> Reader::local_heap(std::uint64_t address) {
  if (const auto known = heaps_.find(address); known != heaps_.end()) return known->second;
  ByteReader in = TRY(at(address, "local heap"));
  if (!has_magic(in.rest(), "HEAP"))
    return fail(Code::InvalidInput, "local heap has no signature", absolute(address));
  TRY(in.skip(8, "local heap"));
  const std::uint64_t size = TRY(length(in, "local heap size"));
  TRY(in.skip(length_size_, "free list"));
  const std::uint64_t data = TRY(this->address(in, "local heap data"));
  ByteReader segment = TRY(at(data, "local heap data"));
  const Bytes bytes = TRY(segment.take(size, "local heap data"));
  heaps_[address] = bytes;
  return bytes;
}

Result<Text> Reader::heap_text(std::uint64_t heap, std::uint64_t offset) {
  const Bytes data = TRY(local_heap(heap));
  if (offset >= data.size())
    return fail(Code::InvalidInput, "name at " + std::to_string(offset) + " is outside of its heap",
                absolute(heap));
  ByteReader in(data, offset);
  std::string value = TRY(terminated(in, "name"));
  return Text{std::move(value), offset_of(data) + offset};
}

Result<std::vector<Link>> Reader::group_links(const SymbolTable& table) {
  std::vector<std::uint64_t> nodes;
  TRY(tree(table.tree, nodes));
  std::vector<Link> links;
  for (const std::uint64_t node : nodes) TRY(symbol_node(node, table.heap, links));
  return links;
}

// The addresses of all symbol table nodes below a tree node.
Result<void> Reader::tree(std::uint64_t address, std::vector<std::uint64_t>& nodes) {
  std::vector<std::uint64_t> open{address};
  std::set<std::uint64_t> seen;
  while (!open.empty()) {
    const std::uint64_t here = open.back();
    open.pop_back();
    if (!seen.insert(here).second || seen.size() > kMaxTreeNodes)
      return fail(Code::InvalidInput, "group tree refers to itself", absolute(here));
    ByteReader in = TRY(at(here, "group tree"));
    if (!has_magic(in.rest(), "TREE"))
      return fail(Code::InvalidInput, "group tree has no signature", absolute(here));
    TRY(in.skip(4, "group tree"));
    const auto kind = TRY(in.little_endian<std::uint8_t>("tree type"));
    const auto level = TRY(in.little_endian<std::uint8_t>("tree level"));
    const auto used = TRY(in.little_endian<std::uint16_t>("tree entries"));
    if (kind != 0) return fail(Code::InvalidInput, "tree of chunks in place of a group", absolute(here));
    TRY(in.skip(std::uint64_t{2} * offset_size_, "tree siblings"));
    for (std::uint16_t i = 0; i < used; ++i) {
      TRY(charge(1));
      TRY(in.skip(length_size_, "tree key"));
      const std::uint64_t child = TRY(this->address(in, "tree child"));
      (level == 0 ? nodes : open).push_back(child);
    }
  }
  return {};
}

Result<void> Reader::symbol_node(std::uint64_t address, std::uint64_t heap, std::vector<Link>& out) {
  ByteReader in = TRY(at(address, "symbol table node"));
  if (!has_magic(in.rest(), "SNOD"))
    return fail(Code::InvalidInput, "symbol table node has no signature", absolute(address));
  TRY(in.skip(6, "symbol table node"));
  const auto used = TRY(in.little_endian<std::uint16_t>("symbols"));
  for (std::uint16_t i = 0; i < used; ++i) {
    Link link{.name = {}, .offset = absolute(in.offset())};
    const std::uint64_t name = TRY(this->address(in, "symbol name"));
    link.target = TRY(this->address(in, "symbol header"));
    const auto kind = TRY(in.little_endian<std::uint32_t>("symbol cache type"));
    TRY(in.skip(4, "symbol"));
    const auto value = TRY(in.little_endian<std::uint32_t>("symbol scratch"));
    TRY(in.skip(12, "symbol scratch"));
    const Text text = TRY(heap_text(heap, name));
    link.name = text.value;
    if (kind == kSoftLink) {
      const Text target = TRY(heap_text(heap, value));
      link.kind = LinkKind::Soft;
      link.target_path = target.value;
    }
    out.push_back(std::move(link));
  }
  return {};
}

Result<Bytes> Reader::global_object(std::uint64_t collection, std::uint32_t index) {
  auto known = collections_.find(collection);
  if (known == collections_.end()) {
    ByteReader in = TRY(at(collection, "global heap"));
    if (!has_magic(in.rest(), "GCOL"))
      return fail(Code::InvalidInput, "global heap has no signature", absolute(collection));
    TRY(in.skip(8, "global heap"));
    const std::uint64_t size = TRY(length(in, "global heap size"));
    ByteReader whole = TRY(at(collection, "global heap"));
    const Bytes bytes = TRY(whole.take(size, "global heap"));
    const std::uint64_t head = 8 + length_size_;
    if (size < head) return fail(Code::InvalidInput, "global heap is too small", absolute(collection));
    ByteReader objects(bytes, head);
    std::map<std::uint32_t, Bytes> found;
    while (objects.remaining() >= head) {
      TRY(charge(head));
      const auto number = TRY(objects.little_endian<std::uint16_t>("heap object"));
      TRY(objects.skip(6, "heap object"));
      const std::uint64_t object_size = TRY(length(objects, "heap object size"));
      if (number == 0) break;  // the free space at the end
      const Bytes object = TRY(objects.take(object_size, "heap object"));
      found[number] = object;
      const std::uint64_t padding = (8 - object_size % 8) % 8;
      TRY(objects.skip(std::min(padding, objects.remaining()), "heap object padding"));
    }
    known = collections_.emplace(collection, std::move(found)).first;
  }
  const auto object = known->second.find(index);
  if (object == known->second.end()) {
    return fail(Code::InvalidInput, "global heap has no object " + std::to_string(index),
                absolute(collection));
  }
  return object->second;
}

}  // namespace bulwark::scan::hdf5
