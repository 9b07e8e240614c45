#pragma once
// What an HDF5 file holds, as far as a scanner must know: objects, links, text attributes, and every place
// where the file makes its reader open another file. No chunk is decoded and no filter is run.
//
// Own reader because the C library crashes on hostile input on the very path that Keras's model_config takes.
// Format: "HDF5 File Format Specification Version 3.0". A part that cannot be read is a problem, never an
// omission.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan::hdf5 {

struct Text {
  std::string value;
  std::uint64_t offset = kNoOffset;  // of its first byte in the artifact
};

struct Attribute {
  std::string name;
  std::uint64_t offset = 0;  // of the message
  bool textual = false;      // a string type; `texts` holds the elements
  std::vector<Text> texts;
  Bytes content = {};  // raw bytes as stored in the message
};

enum class LinkKind : std::uint8_t { Hard, Soft, External, UserDefined };

struct Link {
  std::string name;
  LinkKind kind = LinkKind::Hard;
  std::uint64_t offset = 0;
  std::uint64_t target = 0;      // Hard: address
  std::string target_file = {};  // External
  std::string target_path = {};  // External, Soft
};

// A file that a dataset takes its bytes from.
struct Source {
  std::string file;
  std::uint64_t offset = 0;  // of the message that names it
};

struct Object {
  std::string path;          // "/model_weights/dense"
  std::uint64_t offset = 0;  // of the object header
  bool dataset = false;
  std::vector<std::uint64_t> shape;
  std::string type;    // "float32"; empty if it has no common name
  Bytes content = {};  // of a contiguous dataset that lies in the file
  std::vector<Attribute> attributes;
  std::vector<Link> links;              // all but hard ones
  std::vector<Source> external;         // external storage
  std::vector<Source> virtual_sources;  // "." is the file itself
};

struct File {
  std::uint64_t user_block = 0;  // bytes before the superblock
  std::uint32_t superblock = 0;  // version
  std::uint64_t end = 0;         // end of file as the superblock says, user block included
  std::vector<Object> objects;   // root first
  std::vector<Error> problems;   // what could not be read
};

// Where the signature stands (0, 512, 1024, 2048 …), or nothing.
[[nodiscard]] std::optional<std::uint64_t> find_superblock(Bytes content);

// Errors: InvalidInput if not even the superblock can be read; Unsupported for its version or address size.
[[nodiscard]] Result<File> read(Bytes content, const Limits& limits);

}  // namespace bulwark::scan::hdf5
