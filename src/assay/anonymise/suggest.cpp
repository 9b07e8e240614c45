// Names of columns are read as words in English, German, French and Spanish; values by what they are. A wrong
// guess costs a person a line; nothing is done with the data here.

#include "assay/anonymise/suggest.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "assay/anonymise/cells.h"
#include "assay/anonymise/dates.h"
#include "assay/anonymise/personal.h"
#include "base/document_checks.h"
#include "base/one_of.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::size_t kMostDistinct = 10'000;  // more values than that narrow nothing down further
constexpr std::size_t kMostName = 10'000;
constexpr double kNearlyAll = 0.95;
constexpr double kIdentifying = 0.9;  // share of different values that makes a column a name for rows

// What is seen of a column in one pass.
struct Seen {
  std::uint64_t values = 0;  // cells in which something stands
  std::uint64_t numbers = 0;
  std::uint64_t dates = 0;
  std::uint64_t long_texts = 0;
  std::unordered_set<std::string> different;
  void take(std::string_view text) {
    ++values;
    numbers += tables::number_of(text) ? 1U : 0U;
    dates += read_date(trim(text), DateOrder::YearMonthDay) ? 1U : 0U;
    long_texts += text.size() > 60 ? 1U : 0U;
    if (different.size() <= kMostDistinct) different.emplace(text);
  }
  [[nodiscard]] bool mostly(std::uint64_t some) const {
    return values > 0 && static_cast<double>(some) >= kNearlyAll * static_cast<double>(values);
  }
  [[nodiscard]] bool many() const { return different.size() > kMostDistinct; }
  [[nodiscard]] bool names_rows() const {
    return values >= 20 &&
           (many() || static_cast<double>(different.size()) >= kIdentifying * static_cast<double>(values));
  }
};

// "patientId" and "PATIENT-ID" are "patient", "id".
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = '_';
  for (const char letter : name) {
    const bool is_upper = letter >= 'A' && letter <= 'Z';
    const bool is_word = is_upper || (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                         static_cast<unsigned char>(letter) >= 0x80;
    const bool starts = is_upper && before >= 'a' && before <= 'z';
    if ((!is_word || starts) && !words.back().empty()) words.emplace_back();
    if (is_word) words.back() += is_upper ? static_cast<char>(letter | 0x20) : letter;
    before = letter;
  }
  return words;
}

bool has_word(const std::vector<std::string>& words, std::initializer_list<std::string_view> known) {
  return std::ranges::any_of(words, [&](const std::string& word) { return is_one_of(word, known); });
}

struct Suggestion {
  std::string action;   // what stands behind the column's name; empty: not in the plan
  std::string comment;  // why
  bool quasi = false;
  bool sensitive = false;
};

Suggestion by_kind(const PersonalColumn& found) {
  const std::string why = found.title + " in " + std::to_string(found.cells) + " cells";
  const std::string_view kind = found.kind;
  if (kind == "pan") return {"{do: ff1, check: luhn}", why + "; or: {do: truncate}"};
  if (kind == "iban") return {"{do: ff1, check: iban}", why};
  if (kind == "email") return {"{do: replace, surrogate: email}", why};
  if (kind == "person_name") return {"{do: replace, surrogate: name}", why};
  if (is_one_of(kind, {"phone", "fax"})) return {"{do: replace, surrogate: phone}", why};
  if (is_one_of(kind, {"url", "ipv4", "ipv6", "mac", "uuid"}))
    return {"{do: replace, surrogate: " + found.kind + "}", why};
  if (is_one_of(kind, {"postal_address", "coordinates", "card_track", "card_cvv", "card_expiry", "pin_block",
                       "mrz"}))
    return {"redact", why};
  return {"{do: ff1}", why + "; reversible with the key; or: tokenise"};
}

Suggestion by_name(const std::string& name, const Seen& seen) {
  const std::vector<std::string> words = words_of(name);
  if (has_word(words, {"zip", "zipcode", "postcode", "postal", "plz"})) {
    const bool american = seen.mostly(seen.numbers);
    return {american ? "{do: generalise, zip: 3}" : "{do: mask, keep_first: 2}",
            american ? "postcode; small areas become 000 (HIPAA)" : "postcode", true};
  }
  const bool birth = has_word(
      words, {"birth", "birthdate", "birthday", "dob", "born", "geburtsdatum", "naissance", "nacimiento"});
  if (birth && seen.mostly(seen.dates)) return {"{do: generalise, date: year}", "date of birth", true};
  if (has_word(words, {"age", "alter", "edad"}) && seen.mostly(seen.numbers))
    return {"{do: generalise, age: 10}", "age; 90 and more become one group (HIPAA)", true};
  if (has_word(words, {"diagnosis", "disease", "icd", "icd10", "condition", "medication", "religion",
                       "orientation", "hiv", "verdict", "crime", "diagnose", "krankheit"}))
    return {"", "sensitive by its name", false, true};
  if (has_word(words, {"name", "firstname", "lastname", "surname", "nachname", "vorname", "nom", "nombre",
                       "apellido"}) &&
      !seen.mostly(seen.numbers))
    return {"{do: replace, surrogate: name}", "a name by its name"};
  if (has_word(words,
               {"sex",    "gender",     "race",       "ethnicity",  "nationality", "marital", "education",
                "job",    "occupation", "profession", "city",       "town",        "state",   "county",
                "region", "country",    "language",   "geschlecht", "beruf",       "stadt",   "ort",
                "sexe",   "ville",      "sexo",       "ciudad"}))
    return {"", "narrows the circle of people", true};
  if (has_word(words, {"income", "salary", "wage", "einkommen", "gehalt", "salaire"}) &&
      seen.mostly(seen.numbers))
    return {"{do: generalise, band: 10000}", "money", true};
  if (seen.mostly(seen.dates))
    return {"{do: generalise, date: month}",
            "dates of events find people again; or: {do: date_shift, subject: COLUMN, days: 365}", true};
  if (has_word(words, {"id", "uuid", "guid", "mrn", "account", "patient", "customer", "user", "person",
                       "member", "kunde", "serial"}) &&
      seen.names_rows())
    return {"tokenise", "names rows by its name, and nearly every value is another"};
  if (seen.mostly(seen.long_texts))
    return {"redact", "long texts: no operator looks inside them; keep them only with a reason"};
  return {};
}

Suggestion suggestion(const std::string& name, const Seen& seen, const PersonalScan& scan) {
  if (const PersonalColumn* direct = scan.direct(name)) return by_kind(*direct);
  Suggestion made = by_name(name, seen);
  for (const PersonalColumn& each : scan.columns) {
    if (each.column != name) continue;
    if (each.weight == Weight::Quasi && each.decided) made.quasi = true;
    if (each.weight == Weight::Sensitive && each.decided) made.sensitive = true;
    if (each.weight == Weight::Direct && !each.decided && made.action.empty() && !made.quasi) {
      made.action = "redact";
      made.comment = each.title + " in some cells (" + std::to_string(each.cells) + ")";
    }
  }
  return made;
}

class Suggester {
 public:
  Suggester(const tables::Dataset& dataset, const Settings& settings)
      : dataset_(dataset), settings_(settings), seen_(dataset.about().columns.size()) {}

  Result<std::string> run() {
    const std::vector<tables::Column>& columns = dataset_.about().columns;
    if (columns.empty()) return fail(Code::InvalidInput, "the data have no columns to anonymise");
    PersonalScanner scanner(columns, settings_);
    const std::unique_ptr<tables::Reader> reader = TRY(dataset_.read({}));
    tables::Block block;
    CellTexts texts;
    for (;;) {
      const bool more = TRY(reader->next(block));
      if (!more) break;
      scanner.take(block);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        texts.read(block.columns[i], block.rows);
        for (std::size_t row = 0; row < block.rows; ++row)
          if (!texts.nothing(row)) seen_[i].take(texts.text(row));
      }
    }
    const PersonalScan scan = scanner.finish();
    for (std::size_t i = 0; i < columns.size(); ++i)
      suggestions_.push_back(suggestion(columns[i].name, seen_[i], scan));
    return text(scan);
  }

 private:
  [[nodiscard]] std::string column_name(std::size_t i) const {
    return quoted(dataset_.about().columns[i].name, kMostName);
  }

  [[nodiscard]] std::string column_line(std::size_t i) const {
    const Suggestion& made = suggestions_[i];
    std::string comment = printable(made.comment, 200);
    if (comment.empty()) comment = "nothing speaks for personal data";
    if (made.action.empty()) {
      const std::string different = (seen_[i].many() ? "more than " : "") +
                                    std::to_string(std::min(seen_[i].different.size(), kMostDistinct));
      return "  # " + column_name(i) + ": left as it is (" + different + " different values; " + comment +
             ")\n";
    }
    return "  " + column_name(i) + ": " + made.action + "  # " + comment + "\n";
  }

  [[nodiscard]] std::string text(const PersonalScan& scan) const {
    std::string text =
        "# A first plan for bulwark assay --anonymise (docs/formats/anonymisation-plan.md).\n"
        "# Go over it: what identifies people depends on what others know about them.\n";
    if (!scan.assessed)
      text += "# Cells were not searched for personal data: " + printable(scan.why_not) + "\n";
    text +=
        "version: 1\n"
        "key: env:BULWARK_ANONYMISE_KEY  # 32 bytes, for example of: openssl rand -hex 32\n"
        "columns:\n";
    std::string columns;
    bool any = false;
    for (std::size_t i = 0; i < suggestions_.size(); ++i) {
      columns += column_line(i);
      any = any || !suggestions_[i].action.empty();
    }
    if (!any) text.replace(text.rfind("columns:\n"), std::string_view("columns:\n").size(), "columns: {}\n");
    text += columns;
    return text + quasi_text() + counts_text();
  }

  [[nodiscard]] std::string quasi_text() const {
    std::string names;
    std::string sensitive;
    for (std::size_t i = 0; i < suggestions_.size(); ++i) {
      if (suggestions_[i].quasi) names += (names.empty() ? "" : ", ") + column_name(i);
      if (suggestions_[i].sensitive) sensitive += "  #   - {column: " + column_name(i) + ", distinct: 2}\n";
    }
    if (names.empty())
      return "# No column looks as if it narrowed the circle of people; if some do, name them:\n"
             "# quasi_identifiers: []\n";
    return "# Known to others as well, and together nearly a name.\n"
           "quasi_identifiers: [" +
           names +
           "]\n"
           "# population: 0  # people that the rows were drawn from: makes the risk exact\n"
           "k_anonymity:\n"
           "  k: 5\n"
           "  suppress_at_most: 0.01\n"
           "  # What must not be learnt about a person who is known to be in a class; you decide:\n"
           "  # sensitive:\n" +
           (sensitive.empty() ? std::string("  #   - {column: NAME, distinct: 2}\n") : sensitive);
  }

  [[nodiscard]] static std::string counts_text() {
    return "# Tables of counts with differential privacy, written beside the copy:\n"
           "# counts:\n"
           "#   - {name: by-group, by: {COLUMN: [its, possible, values]}, epsilon: 1, delta: 1e-6}\n";
  }

  const tables::Dataset& dataset_;
  const Settings& settings_;
  std::vector<Seen> seen_;
  std::vector<Suggestion> suggestions_;
};

}  // namespace

Result<std::string> suggest_plan(const tables::Dataset& dataset, const Settings& settings) {
  return Suggester(dataset, settings).run();
}

}  // namespace bulwark::assay::anonymise
