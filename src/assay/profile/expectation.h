#pragma once
// One promise of a contract while rows are held against it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/profile/cell.h"
#include "assay/profile/contract.h"
#include "base/text_pattern.h"
#include "tables/dataset.h"

namespace bulwark::assay::profile {

// What is counted of one promise, and the first rows that break it.
struct Expectation {
  std::string kind;    // "not_null", "unique", "in" …
  std::string column;  // several: joined by ", "
  std::string says;    // "between 0 and 120"
  std::uint32_t line = 0;
  double allowed = 0;
  std::size_t listed = 200;
  bool personal = false;

  std::uint64_t checked = 0;
  std::uint64_t broken = 0;
  std::vector<std::uint64_t> rows;
  std::string example;      // as it may be shown
  std::string not_checked;  // why it was not, or not to the end; empty: it was

  void check(bool kept, std::uint64_t row, std::string_view value) {
    ++checked;
    if (!kept) breaks(row, value);
  }
  void breaks(std::uint64_t row, std::string_view value);
};

// Keys met, by 128 bits of hash: equal keys are found for certain, others are mistaken for equal about never.
class KeySet {
 public:
  explicit KeySet(std::size_t limit) : limit_(limit) {}
  enum class Answer : std::uint8_t { New, Met, Full };
  [[nodiscard]] Answer add(std::uint64_t a, std::uint64_t b);

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] std::size_t place(const Key& key) const;  // of the key, or of the free place for it

  std::size_t limit_;
  std::size_t kept_ = 0;
  std::vector<Key> keys_;  // open addressing; {0, 0}: free
};
// Two independent hashes of a text.
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> key_of(std::string_view text);

// One cell of a row, read once for all promises of its column.
struct ReadCell {
  Cell cell;
  std::string_view text;
  std::string scratch;

  void read(const tables::Cells& cells, std::size_t row);
};

// The promises of one column.
class ColumnExpectations {
 public:
  // `keys`: how many different values `unique` may remember.
  ColumnExpectations(const ColumnContract& contract, std::size_t listed, std::size_t keys);

  void take(const tables::Cells& cells, std::uint64_t first_row, std::size_t rows);
  std::vector<Expectation> take_results();

 private:
  Expectation* add(std::string kind, std::string says);
  void value(const ReadCell& read, std::uint64_t row);
  void order(const ReadCell& read, std::uint64_t row);
  void distinct(const ReadCell& read, std::uint64_t row);

  const ColumnContract& contract_;
  std::size_t listed_;
  std::vector<std::unique_ptr<Expectation>> all_;
  Expectation *not_null_ = nullptr, *type_ = nullptr, *unique_ = nullptr, *in_ = nullptr, *regex_ = nullptr,
              *range_ = nullptr, *length_ = nullptr, *order_ = nullptr, *json_ = nullptr, *format_ = nullptr;
  std::optional<TextPattern> pattern_;
  KeySet keys_;
  bool any_ = false;
  double last_number_ = 0;
  std::string last_text_;
};

}  // namespace bulwark::assay::profile
