#pragma once
// The parts that the HDF5 reader is made of: addresses, object headers, messages, groups, dense storage.
// Private to formats/hdf5.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/hdf5/file.h"

namespace bulwark::scan::hdf5 {

enum MessageType : std::uint16_t {
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kAttribute = 0x0C,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
  kAttributeInfo = 0x15,
};

struct Message {
  std::uint16_t type = 0;
  bool shared = false;       // `data` says where the message really is
  std::uint64_t offset = 0;  // of `data` in the artifact
  Bytes data;
};

enum class TypeClass : std::uint8_t {
  Fixed = 0,
  Float = 1,
  Time = 2,
  String = 3,
  Bitfield = 4,
  Opaque = 5,
  Compound = 6,
  Reference = 7,
  Enum = 8,
  Variable = 9,
  Array = 10,
};
struct Datatype {
  TypeClass kind = TypeClass::Opaque;
  bool variable_string = false;
  bool is_signed = false;
  std::uint32_t size = 0;
  [[nodiscard]] std::string name() const;  // "float32", "int8" …, or empty
};
struct Dataspace {
  std::vector<std::uint64_t> shape;
  bool null = false;
  // Elements, or nothing if the product overflows.
  [[nodiscard]] std::optional<std::uint64_t> elements() const;
};

struct SymbolTable {
  std::uint64_t tree = 0;
  std::uint64_t heap = 0;
};
struct DenseStorage {
  std::uint64_t heap = 0;
  std::uint64_t index = 0;
};

// The file under one budget: every address is checked against it, and all reading is charged, so that
// structures that point at one another cannot make the work exceed the size of the file by more than a
// factor.
class Reader {
 public:
  Reader(Bytes content, const Limits& limits) : whole_(content), limits_(limits) {}

  // Superblock; returns the address of the root group's header.
  [[nodiscard]] Result<std::uint64_t> open(File& file);

  [[nodiscard]] std::uint64_t undefined() const;
  [[nodiscard]] std::uint64_t absolute(std::uint64_t address) const { return base_ + address; }
  [[nodiscard]] Bytes file() const { return whole_.subspan(base_); }

  // A cursor at an address, over the file from the superblock on.
  [[nodiscard]] Result<ByteReader> at(std::uint64_t address, std::string_view what);
  [[nodiscard]] Result<std::uint64_t> address(ByteReader& in,
                                              std::string_view what) const;                 // size of offsets
  [[nodiscard]] Result<std::uint64_t> length(ByteReader& in, std::string_view what) const;  // size of lengths
  [[nodiscard]] Result<std::uint64_t> sized(ByteReader& in, std::uint32_t bytes, std::string_view what) const;
  [[nodiscard]] Result<void> charge(std::uint64_t work);
  // NUL-terminated, from a cursor.
  [[nodiscard]] Result<std::string> terminated(ByteReader& in, std::string_view what);

  // ---- object headers (header.cpp)
  [[nodiscard]] Result<std::vector<Message>> messages(std::uint64_t header);

  // ---- messages (messages.cpp)
  [[nodiscard]] Result<Datatype> datatype(const Message& message);
  [[nodiscard]] Result<Datatype> datatype(Bytes data) const;
  [[nodiscard]] Result<Dataspace> dataspace(Bytes data) const;
  [[nodiscard]] Result<Attribute> attribute(Bytes data, std::uint64_t offset);
  [[nodiscard]] Result<Link> link(Bytes data, std::uint64_t offset);
  [[nodiscard]] Result<SymbolTable> symbol_table(Bytes data) const;
  [[nodiscard]] Result<DenseStorage> link_info(Bytes data) const;
  [[nodiscard]] Result<DenseStorage> attribute_info(Bytes data) const;
  [[nodiscard]] Result<void> layout(const Message& message, Object& object);
  [[nodiscard]] Result<void> external_files(const Message& message, Object& object);

  // ---- old groups (groups.cpp)
  [[nodiscard]] Result<std::vector<Link>> group_links(const SymbolTable& table);
  [[nodiscard]] Result<Text> heap_text(std::uint64_t heap, std::uint64_t offset);
  [[nodiscard]] Result<Bytes> global_object(std::uint64_t collection, std::uint32_t index);

  // ---- dense links and attributes (dense.cpp)
  // Calls `visit` for each object that the index names, with its offset in the artifact.
  [[nodiscard]] Result<void> dense_objects(const DenseStorage& storage, bool attributes,
                                           const std::function<Result<void>(Bytes, std::uint64_t)>& visit);

 private:
  struct FractalHeap;
  using Ids = std::vector<Bytes>;

  [[nodiscard]] Result<std::uint64_t> open_old(File& file, ByteReader in, std::uint8_t version);
  [[nodiscard]] Result<std::uint64_t> open_new(File& file, ByteReader in);
  [[nodiscard]] Result<void> old_header(ByteReader in, std::vector<Message>& out);
  [[nodiscard]] Result<void> new_header(ByteReader in, std::vector<Message>& out);
  [[nodiscard]] Result<void> chunk(ByteReader in, bool is_new, bool ordered, std::vector<Message>& out,
                                   std::vector<std::pair<std::uint64_t, std::uint64_t>>& more);
  [[nodiscard]] Result<void> tree(std::uint64_t address, std::vector<std::uint64_t>& nodes);
  [[nodiscard]] Result<void> symbol_node(std::uint64_t address, std::uint64_t heap, std::vector<Link>& out);
  [[nodiscard]] Result<Bytes> local_heap(std::uint64_t address);
  [[nodiscard]] Result<void> texts(const Datatype& type, std::uint64_t count, Bytes data,
                                   std::uint64_t offset, Attribute& out);
  [[nodiscard]] Result<FractalHeap> fractal_heap(std::uint64_t address);
  [[nodiscard]] Result<Bytes> heap_object(const FractalHeap& heap, Bytes id);
  [[nodiscard]] Result<Bytes> managed(const FractalHeap& heap, std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] Result<Ids> index_ids(std::uint64_t address, bool attributes);
  [[nodiscard]] std::uint64_t offset_of(Bytes slice) const {
    return static_cast<std::uint64_t>(slice.data() - whole_.data());
  }

  Bytes whole_;
  const Limits& limits_;
  std::uint64_t base_ = 0;  // of all addresses
  std::uint32_t offset_size_ = 8;
  std::uint32_t length_size_ = 8;
  std::uint64_t work_ = 0;
  std::map<std::uint64_t, std::map<std::uint32_t, Bytes>> collections_;  // global heaps that were read
  std::map<std::uint64_t, Bytes> heaps_;                                 // data segments of local heaps
};

}  // namespace bulwark::scan::hdf5
