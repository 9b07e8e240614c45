// Cells of digits alone take a way of their own; it must say what the scanner says.

#include "assay/pii/digits.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "assay/pii/column_name.h"
#include "assay/pii/find.h"
#include "assay/pii/scan.h"
#include "stats/random.h"

namespace bulwark::assay::pii {
namespace {

struct Whole {
  bool match = false;
  float score = 0;
  bool operator==(const Whole&) const = default;
};
using Kinds = std::map<std::string_view, Whole>;

Kinds by_scanner(std::string_view cell, const Surroundings& surroundings) {
  Scanner scanner;
  std::vector<Weighed> weighed;
  scanner.scan(cell, "", surroundings.named, Depth::All);
  scanner.claim_named_values();
  scanner.claim_whole(surroundings.named);
  weigh(scanner, surroundings, weighed);
  Kinds kinds;
  for (const Weighed& found : weighed)
    if (found.length == cell.size())
      kinds.try_emplace(recognisers()[found.kind]->id,
                        Whole{.match = found.match, .score = found.match ? found.score : 0});
  EXPECT_EQ(kinds.size(), weighed.size()) << cell;  // nothing inside a run of digits
  return kinds;
}

Kinds by_length(std::string_view cell, DigitKinds& digits) {
  Kinds kinds;
  const DigitKinds::Found found = digits.judge(cell);
  const auto entries = digits.entries(cell.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool match = (found.matches >> i & 1) != 0;
    if ((found.shapes >> i & 1) != 0)
      kinds[recognisers()[entries[i].kind]->id] = {
          .match = match, .score = match ? entries[i].score[found.other >> i & 1] : 0};
  }
  return kinds;
}

TEST(PiiDigits, AgreeWithTheScannerForEveryLengthAndColumnName) {
  stats::Philox random(11);
  for (const std::string_view name : {"a", "ssn", "card number", "order id", "telephone"}) {
    const ColumnName column = column_name(name);
    const Surroundings surroundings{.named = column.kinds, .against = column.against, .country = ""};
    DigitKinds digits(surroundings);
    for (std::size_t size = 1; size <= DigitKinds::kLongest; ++size) {
      for (int round = 0; round < 12; ++round) {
        std::string cell;
        const std::uint64_t base = round % 3 == 0 ? 3 : 10;  // many zeros: dates, prefixes
        for (std::size_t i = 0; i < size; ++i) cell += static_cast<char>('0' + random.below(base));
        if (round == 1) cell.assign(size, '7');
        if (round == 2) cell = "35" + cell;
        if (round == 4) cell = "00" + cell;
        if (round == 5) cell[0] = '4';
        cell.resize(size);
        ASSERT_TRUE(digits.suits(cell)) << name;
        EXPECT_EQ(by_length(cell, digits), by_scanner(cell, surroundings)) << name << " " << cell;
      }
    }
  }
}

TEST(PiiDigits, LeaveToTheScannerWhatIsMoreThanDigits) {
  const DigitKinds digits(Surroundings{});
  EXPECT_TRUE(digits.suits("4111111111111111"));
  EXPECT_FALSE(digits.suits("4111 1111 1111 1111"));
  EXPECT_FALSE(digits.suits("12.5"));
  EXPECT_FALSE(digits.suits("1234567X"));
  EXPECT_FALSE(digits.suits(std::string(DigitKinds::kLongest + 1, '1')));
  // A column of verification codes or of faxes: its values count for the column's name only.
  const ColumnName code = column_name("cvv");
  EXPECT_FALSE(DigitKinds({.named = code.kinds, .against = code.against, .country = ""}).suits("123"));
}

}  // namespace
}  // namespace bulwark::assay::pii
