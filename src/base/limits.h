#pragma once
// Every ceiling that input may run into, with its reason. Reaching one is a gap, never a truncation that
// looks whole.

#include <chrono>
#include <cstdint>

namespace bulwark {

struct Limits {
  // Archives within archives. Real model packages nest at most four deep (.nemo in .tar.gz in .zip …).
  std::uint32_t depth = 16;
  // Members of all archives in one top-level file. The largest published checkpoints hold some 100,000.
  std::uint64_t members = 1'000'000;
  // Bytes that decompression may produce for one top-level file, in all.
  std::uint64_t inflated_bytes = std::uint64_t{64} << 30;
  // Bytes that may be held in memory at once for one top-level file (the mapped file itself is not counted).
  std::uint64_t held_bytes = std::uint64_t{2} << 30;
  // Produced / consumed bytes above which a compressed member is a bomb. Deflate reaches 1,029 on zeros and
  // nothing else comes near. Judged only above `ratio_floor` produced bytes: small files of zeros are common
  // and harmless.
  std::uint64_t ratio = 900;
  std::uint64_t ratio_floor = std::uint64_t{256} << 20;
  // Bombs met in one top-level file before the rest of it is left alone: 42.zip holds a million of them.
  std::uint32_t bombs = 8;
  // Window or dictionary that one decoder may allocate. xz -9 and 7-Zip's "ultra" ask for 64 MiB, zstd
  // --long=27 for 128 MiB; a hostile header may ask for 4 GiB.
  static constexpr std::uint64_t kWindowBytes = std::uint64_t{256} << 20;
  // Wall time for one top-level file.
  std::chrono::milliseconds time{120'000};
  // Findings of one rule kept for one artifact; the rest is counted in one closing gap.
  std::uint32_t findings_per_rule = 100;

  // Nesting of JSON, YAML and XML. Model configurations stay below 40.
  std::uint32_t document_depth = 256;
  // Size of one JSON, YAML or XML document that is parsed into a tree. safetensors allows headers of
  // 100,000,000.
  std::uint64_t document_bytes = 256'000'000;
  // Nodes of such a tree, aliases expanded. A node costs 150 bytes, twice that while a list grows. The
  // largest tokenizer.json in use has 2 million.
  std::uint64_t document_nodes = 4'000'000;
  // Size of one Jinja template. The largest published chat templates have some 30 KB.
  std::uint64_t template_bytes = 8'000'000;
  // Nesting of its statements and expressions; also bounds the stack of the evaluator. Real ones stay
  // below 40.
  std::uint32_t template_depth = 200;
  // Expressions evaluated in one template, loops over constants unrolled. Real ones need some thousand.
  std::uint64_t template_steps = 400'000;
  // Nested Protocol Buffers messages; the reference implementation refuses more than 100.
  std::uint32_t message_depth = 100;
  // Objects walked in one HDF5 file (groups, datasets, attributes).
  std::uint64_t hdf5_objects = 1'000'000;
  // Objects in one marshalled code object (.pyc, Keras Lambda). The largest modules of the standard library
  // hold 20,000.
  std::uint64_t marshal_objects = 1'000'000;
  // Output of one pure function that the pickle machine evaluates (decompression, repetition, replace …).
  std::uint64_t evaluated_bytes = std::uint64_t{64} << 20;
  // Leaf artifacts up to this size are searched byte by byte for embedded executables and pickles; of larger
  // ones only the edges are, unless `--deep` is given.
  std::uint64_t searched_bytes = std::uint64_t{64} << 20;
  // The same for all leaf artifacts of one top-level file together: 16 MiB take about 5 ms, page faults
  // included, and a torch zip of many tensors must open in that time.
  std::uint64_t searched_total = std::uint64_t{16} << 20;
};

}  // namespace bulwark
