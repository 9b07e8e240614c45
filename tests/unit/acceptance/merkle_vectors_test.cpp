// The Merkle vectors of the shared folder: proofs, the reference tree, a signed note, a log of another maker.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "base/document.h"
#include "base/encoding.h"
#include "base/text.h"
#include "ledger/audit.h"
#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "ledger/subtree.h"
#include "ledger/tile_reader.h"
#include "os/file_system.h"
#include "support/support.h"

namespace bulwark::ledger {
namespace {

std::string vectors() {
  const std::string folder = test::shared_folder();
  return folder.empty() ? folder : folder + "/vectors/merkle";
}

// Some cases hold words ("don't care 1") where no hash is looked at, only compared: another hash stands for
// each.
Hash hash_from(std::string_view base64) {
  const auto bytes = decode_canonical_base64(base64);
  EXPECT_TRUE(bytes) << base64;
  Hash hash{};
  if (!bytes || bytes->size() != hash.size()) return leaf_hash(bytes_of(base64));
  std::ranges::copy(bytes_of(*bytes), hash.begin());
  return hash;
}

// Sizes up to 2^64 - 1 do not fit into the document's integers; read them from the text.
std::uint64_t number(std::string_view line, std::string_view name) {
  const std::size_t at = line.find("\"" + std::string(name) + "\":");
  EXPECT_NE(at, std::string_view::npos) << name;
  return std::stoull(std::string(line.substr(at + name.size() + 3, 24)));
}

struct Case {
  std::string line;
  Document fields;
  Proof proof;
  bool has_error = false;

  [[nodiscard]] std::uint64_t number(std::string_view name) const { return ledger::number(line, name); }
  [[nodiscard]] Hash hash(std::string_view name) const { return hash_from(fields.text(name)); }
  // Nothing of ours takes a leaf that is no hash.
  [[nodiscard]] bool has_leaf() const { return fields.text("leafHash").size() == 44; }
};

std::vector<Case> cases(const std::string& path) {
  std::vector<Case> all;
  const std::string content = test::read_file(path);
  for (const std::string_view line : split(content, '\n')) {
    if (line.empty()) continue;
    auto parsed = parse_json(line, Limits());
    EXPECT_TRUE(parsed) << line;
    if (!parsed) continue;
    Case one{.line = std::string(line), .fields = std::move(parsed->root)};
    if (const Document* proof = one.fields.find("proof"))
      for (const Document& hash : proof->list) one.proof.push_back(hash_from(hash.string));
    one.has_error = one.fields.find("wantErr")->boolean;
    all.push_back(std::move(one));
  }
  return all;
}

template <class Verify>
void expect_all(const std::string& file, std::size_t at_least, Verify verify_one) {
  if (vectors().empty()) GTEST_SKIP() << "the shared vectors are not here";
  const auto all = cases(vectors() + "/" + file);
  EXPECT_GE(all.size(), at_least);
  for (const Case& one : all) EXPECT_EQ(!verify_one(one), one.has_error) << one.fields.text("case");
}

TEST(MerkleVectors, InclusionProofsAgree) {
  expect_all("inclusion.jsonl", 60, [](const Case& one) {
    return one.has_leaf() && verify_inclusion(one.number("leafIdx"), one.number("treeSize"),
                                              one.hash("leafHash"), one.proof, one.hash("root"))
                                 .has_value();
  });
}

TEST(MerkleVectors, ConsistencyProofsAgree) {
  expect_all("consistency.jsonl", 60, [](const Case& one) {
    return verify_consistency(one.number("size1"), one.number("size2"), one.proof, one.hash("root1"),
                              one.hash("root2"))
        .has_value();
  });
}

TEST(MerkleVectors, SubtreeInclusionProofsAgree) {
  expect_all("subtreeinclusion.jsonl", 100, [](const Case& one) {
    return one.has_leaf() &&
           verify_subtree_inclusion(one.number("leafIdx"), one.number("start"), one.number("end"),
                                    one.hash("leafHash"), one.proof, one.hash("root"))
               .has_value();
  });
}

TEST(MerkleVectors, SubtreeConsistencyProofsAgree) {
  expect_all("subtreeconsistency.jsonl", 70, [](const Case& one) {
    return verify_subtree_consistency(one.number("start"), one.number("end"), one.number("size"), one.proof,
                                      one.hash("root1"), one.hash("root2"))
        .has_value();
  });
}

TEST(MerkleVectors, RootsOfTheReferenceTreeAgree) {
  if (vectors().empty()) GTEST_SKIP() << "the shared vectors are not here";
  const std::string content = test::read_file(vectors() + "/rfc6962-roots.tsv");
  CompactRange range;
  std::size_t rows = 0;
  for (const std::string_view line : split(content, '\n')) {
    const auto cells = split(line, '\t');
    if (cells.size() < 3 || cells[0] == "size") continue;
    if (cells[0] != "0") {
      std::vector<std::uint8_t> leaf;
      for (std::size_t i = 0; i + 1 < cells[1].size(); i += 2)
        leaf.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string(cells[1].substr(i, 2)), nullptr, 16)));
      range.append(leaf_hash(leaf));
    }
    EXPECT_EQ(std::to_string(range.size()), cells[0]);
    EXPECT_EQ(hex(range.root()), cells[2]) << "size " << cells[0];
    ++rows;
  }
  EXPECT_EQ(rows, 9U);
}

TEST(MerkleVectors, SignedNotesVerify) {
  if (vectors().empty()) GTEST_SKIP() << "the shared vectors are not here";
  const std::string content = test::read_file(vectors() + "/c2sp-notes.txt");
  std::size_t notes = 0;
  std::optional<NoteKey> key;
  std::string note;
  bool inside = false;
  for (const std::string_view line : split(content, '\n')) {
    if (inside && line == "--- end") {
      const auto parsed = parse_note(note);
      ASSERT_TRUE(parsed) << parsed.error().message;
      EXPECT_EQ(to_text(*parsed), note);
      EXPECT_TRUE(verify(*parsed, {&*key, 1}));
      ++notes;
      inside = false;
    } else if (inside) {
      note += std::string(line) + "\n";
    } else if (line.starts_with("vkey: ")) {
      auto parsed = NoteKey::parse(line.substr(6));
      ASSERT_TRUE(parsed) << parsed.error().message;
      EXPECT_EQ(parsed->vkey(), line.substr(6));
      key.emplace(std::move(*parsed));
    } else if (line.starts_with("--- note begins")) {
      inside = true;
      note.clear();
    }
  }
  EXPECT_GE(notes, 1U);
}

// The log that Tessera wrote: every checkpoint, its root from the entries, and all pairs.
TEST(MerkleVectors, LogOfAnotherMakerVerifies) {
  if (vectors().empty()) GTEST_SKIP() << "the shared vectors are not here";
  const std::string folder = vectors() + "/tessera-posix-log";
  const auto key =
      NoteKey::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  ASSERT_TRUE(key) << key.error().message;
  os::RealFileSystem files;
  std::vector<Checkpoint> checkpoints;
  for (std::uint64_t size = 0; size < 16; ++size) {
    const auto read = read_checkpoint(files, folder + "/checkpoint." + std::to_string(size));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(verify_checkpoint(*read, "example.com/log/testdata", {&*key, 1}));
    const Checkpoint& checkpoint = checkpoints.emplace_back(read->checkpoint);
    EXPECT_EQ(checkpoint.size, size);
    TileReader reader(files, folder, size);
    EXPECT_EQ(reader.root().value(), checkpoint.root);
    if (size == 0) continue;
    const auto bundle = reader.bundle(0);
    ASSERT_TRUE(bundle) << bundle.error().message;
    std::vector<Hash> leaves;
    for (const Bytes entry : bundle->entries) leaves.push_back(leaf_hash(entry));
    EXPECT_EQ(root_of(leaves), checkpoint.root) << size;
    for (std::uint64_t index = 0; index < size; ++index)
      EXPECT_TRUE(
          verify_inclusion(index, size, leaves[index], reader.inclusion(index).value(), checkpoint.root));
    for (std::uint64_t old = 1; old <= size; ++old)
      EXPECT_TRUE(verify_consistency(old, size, reader.consistency(old).value(), checkpoints[old].root,
                                     checkpoint.root))
          << old << " to " << size;
  }
  const auto found =
      audit(files, folder, {.origin = "example.com/log/testdata", .log_keys = {&*key, 1}, .remembered = {}});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->intact()) << found->discrepancies.front().what;
}

}  // namespace
}  // namespace bulwark::ledger
