// The plan's file: every key is known, every mistake names its line.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "assay/anonymise/plan.h"
#include "base/document.h"
#include "base/document_checks.h"
#include "base/text.h"

namespace bulwark::assay::anonymise {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::size_t kMostText = 200;  // of a tag or a prefix: it is written into every cell
constexpr std::uint32_t kMostKept = 64;
constexpr std::uint32_t kMostDays = 36'500;
constexpr std::uint32_t kMostK = 1'000'000;
constexpr double kMostScale = 1e9;
constexpr std::uint32_t kMostRows = 1'000;
// What PCI DSS lets stand of a card number: at most the first eight and four others.
constexpr std::uint32_t kTruncateFirst = 8;
constexpr std::uint32_t kTruncateLast = 4;

Result<std::uint32_t> whole(const Document& value, std::string_view what, std::uint32_t least,
                            std::uint32_t most) {
  if (value.kind == Document::Kind::Integer && value.integer >= least && value.integer <= most)
    return static_cast<std::uint32_t>(value.integer);
  return wrong(value, std::string(what) + " is a whole number from " + std::to_string(least) + " to " +
                          std::to_string(most));
}

Result<double> real(const Document& value, std::string_view what) {
  const bool is_number = value.kind == Document::Kind::Integer || value.kind == Document::Kind::Number;
  if (is_number && std::isfinite(value.number)) return value.number;
  return wrong(value, std::string(what) + " is a number");
}

Result<double> positive(const Document& value, std::string_view what, double most) {
  const double number = TRY(real(value, what));
  if (number > 0 && number <= most) return number;
  return wrong(value, std::string(what) + " is a number above 0");
}

Result<std::string> plain(const Document& value, std::string_view what) {
  const bool is_plain = value.kind != Document::Kind::List && value.kind != Document::Kind::Map &&
                        value.kind != Document::Kind::Null;
  if (is_plain && value.string.size() <= kMostText) return value.string;
  return wrong(value, std::string(what) + " is a text of at most " + std::to_string(kMostText) + " bytes");
}

Result<std::string> filled(const Document& value, std::string_view what) {
  std::string text = TRY(plain(value, what));
  if (!trim(text).empty()) return text;
  return wrong(value, std::string(what) + " is empty");
}

// A word out of a few.
template <class T, std::size_t N>
Result<T> choice(const Document& value, std::string_view what,
                 const std::array<std::pair<std::string_view, T>, N>& choices) {
  Names names;
  for (const auto& [name, meaning] : choices) {
    if (value.string == name) return meaning;
    names.push_back(name);
  }
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  auto error = unknown(value, what, value.string, names);
  error.error().message += "; expected one of: " + all;
  return error;
}

constexpr std::array<std::pair<std::string_view, DateOrder>, 3> kOrders = {{
    {"ymd", DateOrder::YearMonthDay},
    {"dmy", DateOrder::DayMonthYear},
    {"mdy", DateOrder::MonthDayYear},
}};
constexpr std::array<std::pair<std::string_view, Surrogate>, 11> kSurrogates = {{
    {"card", Surrogate::Card},
    {"iban", Surrogate::Iban},
    {"ssn", Surrogate::Ssn},
    {"email", Surrogate::Email},
    {"phone", Surrogate::Phone},
    {"ipv4", Surrogate::Ipv4},
    {"ipv6", Surrogate::Ipv6},
    {"mac", Surrogate::Mac},
    {"url", Surrogate::Url},
    {"uuid", Surrogate::Uuid},
    {"name", Surrogate::Name},
}};
constexpr std::array<std::pair<std::string_view, CheckDigit>, 3> kChecks = {{
    {"none", CheckDigit::None},
    {"luhn", CheckDigit::Luhn},
    {"iban", CheckDigit::Iban},
}};
constexpr std::array<std::pair<std::string_view, Mechanism>, 2> kMechanisms = {{
    {"discrete-laplace", Mechanism::DiscreteLaplace},
    {"discrete-gaussian", Mechanism::DiscreteGaussian},
}};
constexpr std::array<std::pair<std::string_view, Generalise::Unit>, 4> kUnits = {{
    {"month", Generalise::Unit::Month},
    {"quarter", Generalise::Unit::Quarter},
    {"year", Generalise::Unit::Year},
    {"decade", Generalise::Unit::Decade},
}};

// The keys that every entry of `columns` may have, and those of its operator.
Result<void> check_entry(const Document& entry, std::string_view action, Names own) {
  if (!entry.is_map()) return {};
  own.insert(own.begin(), "do");
  return check_keys(entry, action, own);
}

Result<Operator> read_keep(const Document& entry) {
  TRY(check_entry(entry, "keep", {"reason"}));
  const Document* reason = entry.find("reason");
  if (reason == nullptr) return wrong(entry, "keep needs a 'reason': somebody answers for it");
  Keep keep;
  keep.reason = TRY(filled(*reason, "reason"));
  return keep;
}

Result<Operator> read_redact(const Document& entry) {
  TRY(check_entry(entry, "redact", {"text"}));
  Redact redact;
  if (const Document* text = entry.find("text")) redact.text = TRY(plain(*text, "text"));
  return redact;
}

Result<Operator> read_mask(const Document& entry) {
  TRY(check_entry(entry, "mask", {"keep_first", "keep_last", "with"}));
  Mask mask;
  if (const Document* first = entry.find("keep_first"))
    mask.keep_first = TRY(whole(*first, "keep_first", 0, kMostKept));
  if (const Document* last = entry.find("keep_last"))
    mask.keep_last = TRY(whole(*last, "keep_last", 0, kMostKept));
  if (const Document* with = entry.find("with")) mask.with = TRY(filled(*with, "with"));
  return mask;
}

Result<Operator> read_truncate(const Document& entry) {
  TRY(check_entry(entry, "truncate", {"keep_first", "keep_last"}));
  Truncate truncate;
  if (const Document* first = entry.find("keep_first"))
    truncate.keep_first = TRY(whole(*first, "keep_first", 0, kTruncateFirst));
  if (const Document* last = entry.find("keep_last"))
    truncate.keep_last = TRY(whole(*last, "keep_last", 0, kTruncateLast));
  return truncate;
}

Result<Operator> read_replace(const Document& entry) {
  TRY(check_entry(entry, "replace", {"tag", "surrogate", "key", "domain"}));
  const Document* tag = entry.find("tag");
  const Document* surrogate = entry.find("surrogate");
  if ((tag == nullptr) == (surrogate == nullptr))
    return wrong(entry, "replace needs either a 'tag', such as <EMAIL>, or the kind of a 'surrogate'");
  Replace replace;
  if (tag != nullptr) replace.tag = TRY(filled(*tag, "tag"));
  if (surrogate != nullptr) replace.surrogate = TRY(choice(*surrogate, "surrogate", kSurrogates));
  return replace;
}

Result<Operator> read_hash(const Document& entry) {
  TRY(check_entry(entry, "hash", {"algorithm", "length", "key", "domain"}));
  Hash hash;
  if (const Document* algorithm = entry.find("algorithm");
      algorithm != nullptr && algorithm->string != "hmac-sha256") {
    const bool plain_hash = algorithm->string.starts_with("sha") || algorithm->string.starts_with("md");
    return wrong(*algorithm,
                 plain_hash ? "a hash without a key is undone by trying all values (an identity number has "
                              "less than 2^40); write hmac-sha256, or leave it out"
                            : "algorithm is 'hmac-sha256'");
  }
  if (const Document* length = entry.find("length")) hash.length = TRY(whole(*length, "length", 16, 64));
  return hash;
}

Result<Operator> read_tokenise(const Document& entry) {
  TRY(check_entry(entry, "tokenise", {"style", "prefix", "key", "domain"}));
  static constexpr std::array<std::pair<std::string_view, TokenStyle>, 2> kStyles = {{
      {"opaque", TokenStyle::Opaque},
      {"shape", TokenStyle::Shape},
  }};
  Tokenise tokenise;
  if (const Document* style = entry.find("style")) tokenise.style = TRY(choice(*style, "style", kStyles));
  if (const Document* prefix = entry.find("prefix")) tokenise.prefix = TRY(plain(*prefix, "prefix"));
  return tokenise;
}

Result<void> read_alphabet(const Document& entry, Encrypt& encrypt) {
  static constexpr std::array<std::string_view, 5> kNames = {"digits", "lower", "upper", "alphanumeric",
                                                             "shape"};
  const Document* alphabet = entry.find("alphabet");
  if (const Document* symbols = entry.find("symbols")) {
    if (alphabet != nullptr) return wrong(*symbols, "'alphabet' and 'symbols' exclude one another");
    encrypt.alphabet = "custom";
    encrypt.symbols = symbols->string;
    return {};
  }
  if (alphabet == nullptr) return {};
  if (std::ranges::find(kNames, alphabet->string) == kNames.end())
    return unknown(*alphabet, "alphabet", alphabet->string, Names(kNames.begin(), kNames.end()));
  encrypt.alphabet = alphabet->string;
  return {};
}

Result<Operator> read_encrypt(const Document& entry) {
  TRY(check_entry(entry, "ff1",
                  {"alphabet", "symbols", "keep_first", "keep_last", "check", "key", "domain"}));
  Encrypt encrypt;
  TRY(read_alphabet(entry, encrypt));
  if (const Document* first = entry.find("keep_first"))
    encrypt.keep_first = TRY(whole(*first, "keep_first", 0, kMostKept));
  if (const Document* last = entry.find("keep_last"))
    encrypt.keep_last = TRY(whole(*last, "keep_last", 0, kMostKept));
  const Document* check = entry.find("check");
  if (check != nullptr) encrypt.check = TRY(choice(*check, "check", kChecks));
  if (encrypt.check == CheckDigit::Luhn && !entry.find("alphabet")) encrypt.alphabet = "digits";
  if (encrypt.check == CheckDigit::Luhn && encrypt.alphabet != "digits")
    return wrong(*check, "check: luhn is for 'alphabet: digits'");
  if (encrypt.check == CheckDigit::Iban &&
      (encrypt.alphabet != "shape" || encrypt.keep_first + encrypt.keep_last > 0))
    return wrong(*check, "check: iban is for 'alphabet: shape' without keep_first and keep_last");
  return encrypt;
}

Result<Operator> read_date_shift(const Document& entry) {
  TRY(check_entry(entry, "date_shift", {"days", "subject", "order", "key", "domain"}));
  DateShift shift;
  if (const Document* days = entry.find("days")) shift.days = TRY(whole(*days, "days", 1, kMostDays));
  const Document* subject = entry.find("subject");
  if (subject == nullptr)
    return wrong(entry,
                 "date_shift needs the column of the 'subject': the dates of one person move together");
  shift.subject = TRY(filled(*subject, "subject"));
  if (const Document* order = entry.find("order")) shift.order = TRY(choice(*order, "order", kOrders));
  return shift;
}

Result<void> read_band(const Document& band, Generalise& generalise) {
  if (!band.is_map()) {
    generalise.width = TRY(positive(band, "band", std::numeric_limits<double>::max()));
    return {};
  }
  TRY(check_keys(band, "band", {"width", "least", "most"}));
  const Document* width = band.find("width");
  if (width == nullptr) return wrong(band, "band needs a 'width'");
  generalise.width = TRY(positive(*width, "width", std::numeric_limits<double>::max()));
  if (const Document* least = band.find("least")) generalise.least = TRY(real(*least, "least"));
  if (const Document* most = band.find("most")) generalise.most = TRY(real(*most, "most"));
  if (generalise.least && generalise.most && *generalise.least >= *generalise.most)
    return wrong(band, "least must be below most");
  return {};
}

Result<void> read_map(const Document& map, Generalise& generalise) {
  if (!map.is_map() || map.map.empty())
    return wrong(map, "map leads from values to groups, such as {Berlin: Germany, Lyon: France}");
  for (const auto& [value, parent] : map.map) {
    std::string group = TRY(filled(parent, "a group"));
    if (!generalise.parents.emplace(value, std::move(group)).second)
      return wrong(parent, "the value '" + printable(value, 60) + "' comes twice");
  }
  return {};
}

Result<Operator> read_generalise(const Document& entry) {
  TRY(check_entry(entry, "generalise", {"band", "age", "zip", "date", "map", "otherwise", "order"}));
  using Kind = Generalise::Kind;
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> kKinds = {{
      {"band", Kind::Band},
      {"age", Kind::Age},
      {"zip", Kind::Zip},
      {"date", Kind::Date},
      {"map", Kind::Map},
  }};
  Generalise generalise;
  const Document* chosen = nullptr;
  for (const auto& [name, kind] : kKinds) {
    const Document* value = entry.find(name);
    if (value == nullptr) continue;
    if (chosen != nullptr) return wrong(*value, "generalise takes one of band, age, zip, date, map");
    chosen = value;
    generalise.kind = kind;
  }
  if (chosen == nullptr) return wrong(entry, "generalise needs one of band, age, zip, date, map");
  switch (generalise.kind) {
    case Kind::Band: TRY(read_band(*chosen, generalise)); break;
    case Kind::Age:
      generalise.width = TRY(whole(*chosen, "age", 1, 90));
      generalise.most = 90;
      break;
    case Kind::Zip: generalise.digits = TRY(whole(*chosen, "zip", 0, 3)); break;
    case Kind::Date: generalise.unit = TRY(choice(*chosen, "date", kUnits)); break;
    case Kind::Map: TRY(read_map(*chosen, generalise)); break;
  }
  const Document* otherwise = entry.find("otherwise");
  if (otherwise != nullptr && generalise.kind != Kind::Map)
    return wrong(*otherwise, "otherwise belongs to map");
  if (otherwise != nullptr) generalise.otherwise = TRY(filled(*otherwise, "otherwise"));
  if (const Document* order = entry.find("order")) generalise.order = TRY(choice(*order, "order", kOrders));
  return generalise;
}

Result<Operator> read_suppress(const Document& entry) {
  TRY(check_entry(entry, "suppress", {}));
  return Suppress{};
}

Result<Operator> read_noise(const Document& entry) {
  TRY(check_entry(entry, "noise", {"mechanism", "scale", "step"}));
  Noise noise;
  if (const Document* mechanism = entry.find("mechanism"))
    noise.mechanism = TRY(choice(*mechanism, "mechanism", kMechanisms));
  const Document* scale = entry.find("scale");
  if (scale == nullptr) return wrong(entry, "noise needs a 'scale'");
  noise.scale = TRY(positive(*scale, "scale", kMostScale));
  if (const Document* step = entry.find("step")) noise.step = TRY(positive(*step, "step", kMostScale));
  return noise;
}

Result<Operator> read_drop(const Document& entry) {
  TRY(check_entry(entry, "drop", {}));
  return Drop{};
}

struct OperatorReader {
  std::string_view name;
  Result<Operator> (*read)(const Document&);
};
// In the order of the variant.
constexpr std::array<OperatorReader, std::variant_size_v<Operator>> kOperators = {{
    {"keep", read_keep},
    {"redact", read_redact},
    {"mask", read_mask},
    {"truncate", read_truncate},
    {"replace", read_replace},
    {"hash", read_hash},
    {"tokenise", read_tokenise},
    {"ff1", read_encrypt},
    {"date_shift", read_date_shift},
    {"generalise", read_generalise},
    {"suppress", read_suppress},
    {"noise", read_noise},
    {"drop", read_drop},
}};

Result<ColumnPlan> read_column(const std::string& name, const Document& entry) {
  const Document* action = entry.is_map() ? entry.find("do") : &entry;
  if (action == nullptr || action->string.empty())
    return wrong(entry, "column '" + printable(name, 60) + "' needs 'do: OPERATOR'");
  Names names;
  for (const OperatorReader& reader : kOperators) {
    names.push_back(reader.name);
    if (reader.name != action->string) continue;
    Operator chosen = TRY(reader.read(entry));
    ColumnPlan column{.column = name, .action = std::move(chosen), .line = entry.line};
    if (const Document* key = entry.find("key")) column.key = TRY(filled(*key, "key"));
    if (const Document* domain = entry.find("domain")) column.domain = TRY(filled(*domain, "domain"));
    return column;
  }
  return unknown(*action, "operator", action->string, names);
}

Result<void> read_columns(const Document& columns, Plan& plan) {
  if (!columns.is_map()) return wrong(columns, "columns is a map from column to operator");
  std::set<std::string_view> seen;
  for (const auto& [name, entry] : columns.map) {
    if (!seen.insert(name).second) return wrong(entry, "column '" + printable(name, 60) + "' comes twice");
    ColumnPlan column = TRY(read_column(name, entry));
    plan.columns.push_back(std::move(column));
  }
  return {};
}

Result<std::vector<std::string>> read_names(const Document& list, std::string_view what, std::size_t most) {
  if (!list.is_list() || list.list.empty() || list.list.size() > most)
    return wrong(list, std::string(what) + " is a list of 1 to " + std::to_string(most) + " names");
  std::vector<std::string> names;
  for (const Document& each : list.list) {
    std::string name = TRY(filled(each, "a name"));
    if (std::ranges::find(names, name) != names.end())
      return wrong(each, "'" + printable(name, 60) + "' comes twice");
    names.push_back(std::move(name));
  }
  return names;
}

Result<Diversity> read_diversity(const Document& entry) {
  TRY(check_keys(entry, "an entry of sensitive", {"column", "distinct", "entropy", "closeness"}));
  Diversity diversity{.line = entry.line};
  const Document* column = entry.find("column");
  if (column == nullptr) return wrong(entry, "an entry of sensitive needs its 'column'");
  diversity.column = TRY(filled(*column, "column"));
  if (const Document* value = entry.find("distinct"))
    diversity.distinct = TRY(whole(*value, "distinct", 1, kMostK));
  if (const Document* value = entry.find("entropy"))
    diversity.entropy = TRY(positive(*value, "entropy", kMostK));
  if (const Document* value = entry.find("closeness"))
    diversity.closeness = TRY(positive(*value, "closeness", 1));
  if (!diversity.distinct && !diversity.entropy && !diversity.closeness)
    return wrong(entry,
                 "an entry of sensitive asks for 'distinct' or 'entropy' (l-diversity) or for "
                 "'closeness' (t-closeness)");
  return diversity;
}

Result<KAnonymity> read_k_anonymity(const Document& entry, const PlanLimits& limits) {
  TRY(check_keys(entry, "k_anonymity", {"k", "method", "split", "suppress_at_most", "sensitive"}));
  static constexpr std::array<std::pair<std::string_view, Method>, 2> kMethods = {{
      {"mondrian", Method::Mondrian},
      {"suppress", Method::Suppress},
  }};
  static constexpr std::array<std::pair<std::string_view, bool>, 2> kSplits = {{
      {"strict", false},
      {"relaxed", true},
  }};
  KAnonymity wanted;
  const Document* k = entry.find("k");
  if (k == nullptr) return wrong(entry, "k_anonymity needs 'k'");
  wanted.k = TRY(whole(*k, "k", 2, kMostK));
  if (const Document* method = entry.find("method")) wanted.method = TRY(choice(*method, "method", kMethods));
  if (const Document* split = entry.find("split")) wanted.relaxed = TRY(choice(*split, "split", kSplits));
  if (const Document* most = entry.find("suppress_at_most")) {
    wanted.suppress_at_most = TRY(real(*most, "suppress_at_most"));
    if (wanted.suppress_at_most < 0 || wanted.suppress_at_most > 1)
      return wrong(*most, "suppress_at_most is a share from 0 to 1");
  }
  const Document* sensitive = entry.find("sensitive");
  if (sensitive == nullptr) return wanted;
  if (!sensitive->is_list() || sensitive->list.size() > limits.sensitive)
    return wrong(*sensitive, "sensitive is a list of at most " + std::to_string(limits.sensitive));
  for (const Document& each : sensitive->list) {
    Diversity diversity = TRY(read_diversity(each));
    wanted.sensitive.push_back(std::move(diversity));
  }
  return wanted;
}

Result<void> read_domains(const Document& by, CountTable& table, const PlanLimits& limits) {
  if (!by.is_map() || by.map.empty())
    return wrong(by, "by is a map from column to the list of its possible values");
  std::uint64_t cells = 1;
  for (const auto& [column, values] : by.map) {
    Domain domain{.column = column, .line = values.line};
    domain.values = TRY(read_names(values, "the possible values of a column", limits.cells));
    for (const Domain& other : table.by)
      if (other.column == column) return wrong(values, "column '" + printable(column, 60) + "' comes twice");
    cells *= domain.values.size() + 1;
    if (cells > limits.cells)
      return wrong(values, "the table has more than " + std::to_string(limits.cells) + " cells");
    table.by.push_back(std::move(domain));
  }
  return {};
}

// "0.5": at most 18 digits, so that it is an exact fraction.
bool is_decimal(std::string_view text) {
  std::size_t digits = 0;
  std::size_t points = 0;
  bool positive_digit = false;
  for (const char letter : text) {
    if (letter == '.') {
      ++points;
    } else if (letter >= '0' && letter <= '9') {
      ++digits;
      positive_digit = positive_digit || letter != '0';
    } else {
      return false;
    }
  }
  return digits >= 1 && digits <= 9 && points <= 1 && positive_digit;
}

Result<void> read_budget(const Document& entry, CountTable& table) {
  if (const Document* mechanism = entry.find("mechanism"))
    table.mechanism = TRY(choice(*mechanism, "mechanism", kMechanisms));
  const Document* epsilon = entry.find("epsilon");
  if (epsilon == nullptr) return wrong(entry, "a table of counts needs 'epsilon'");
  if (!is_decimal(epsilon->string))
    return wrong(*epsilon, "epsilon is a decimal number above 0 of at most nine digits, such as 0.5");
  table.epsilon = epsilon->string;
  const Document* delta = entry.find("delta");
  if (table.mechanism == Mechanism::DiscreteLaplace) {
    if (delta != nullptr) return wrong(*delta, "the discrete Laplace mechanism has no delta");
    return {};
  }
  if (delta == nullptr) return wrong(entry, "the discrete Gaussian mechanism needs 'delta', such as 1e-6");
  table.delta = TRY(positive(*delta, "delta", 0.01));
  return {};
}

bool is_file_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
  });
}

Result<CountTable> read_count_table(const Document& entry, const PlanLimits& limits) {
  TRY(check_keys(entry, "a table of counts",
                 {"name", "by", "mechanism", "epsilon", "delta", "subject", "at_most"}));
  CountTable table{.line = entry.line};
  table.name = entry.text("name");
  if (!is_file_word(table.name))
    return wrong(entry, "a table of counts needs a 'name' of letters, digits, - and _: its file is named so");
  const Document* by = entry.find("by");
  if (by == nullptr) return wrong(entry, "a table of counts needs 'by'");
  TRY(read_domains(*by, table, limits));
  TRY(read_budget(entry, table));
  if (const Document* subject = entry.find("subject")) table.subject = TRY(filled(*subject, "subject"));
  if (const Document* most = entry.find("at_most")) {
    table.at_most = TRY(whole(*most, "at_most", 1, kMostRows));
    if (table.subject.empty()) return wrong(*most, "at_most needs the column of the 'subject'");
  }
  return table;
}

Result<void> read_counts(const Document& counts, Plan& plan, const PlanLimits& limits) {
  if (!counts.is_list() || counts.list.size() > limits.counts)
    return wrong(counts, "counts is a list of at most " + std::to_string(limits.counts) + " tables");
  for (const Document& entry : counts.list) {
    CountTable table = TRY(read_count_table(entry, limits));
    for (const CountTable& other : plan.counts)
      if (other.name == table.name) return wrong(entry, "the table '" + table.name + "' comes twice");
    plan.counts.push_back(std::move(table));
  }
  return {};
}

// Whoever reads the plan must know which key made which column.
Result<void> check_keys_of_columns(const Plan& plan) {
  for (const ColumnPlan& column : plan.columns) {
    if (!needs_key(column.action) || !column.key.empty() || !plan.key.empty()) continue;
    return fail(Code::InvalidInput, "line " + std::to_string(column.line) + ": column '" +
                                        printable(column.column, 60) +
                                        "': " + std::string(name_of(column.action)) +
                                        " needs a key; write 'key: env:NAME', file:PATH or the name of a key "
                                        "of the keyring at the top of the plan");
  }
  return {};
}

Result<void> check_column(std::string_view column, std::uint32_t line,
                          const std::vector<std::string_view>& columns) {
  if (std::ranges::find(columns, column) != columns.end()) return {};
  std::string text =
      "line " + std::to_string(line) + ": the data have no column '" + printable(column, 60) + "'";
  const std::string_view guess = nearest(column, columns);
  if (!guess.empty()) text += "; did you mean '" + printable(guess, 60) + "'?";
  return fail(Code::NotFound, std::move(text));
}

}  // namespace

std::string_view name_of(const Operator& action) {
  return kOperators[action.index()].name;
}

bool needs_key(const Operator& action) {
  if (const auto* replace = std::get_if<Replace>(&action)) return replace->surrogate != Surrogate::None;
  return std::holds_alternative<Hash>(action) || std::holds_alternative<Tokenise>(action) ||
         std::holds_alternative<Encrypt>(action) || std::holds_alternative<DateShift>(action);
}

const ColumnPlan* Plan::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &ColumnPlan::column);
  return found == columns.end() ? nullptr : &*found;
}

Result<Plan> read_plan(std::string_view text, const PlanLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(Code::LimitReached, "a plan has at most " + std::to_string(limits.bytes) + " bytes");
  const std::vector<Document> documents = TRY(parse_yaml(text, Limits{}));
  if (documents.empty() || documents.front().kind == Document::Kind::Null)
    return fail(Code::InvalidInput, "the plan is empty; --suggest writes one");
  if (documents.size() > 1) return wrong(documents[1], "one document only");
  const Document& root = documents.front();
  TRY(check_keys(root, "a plan",
                 {"version", "key", "columns", "quasi_identifiers", "population", "k_anonymity", "counts"}));
  const Document* version = root.find("version");
  if (version == nullptr || version->string != "1") return wrong(root, "a plan needs 'version: 1'");
  Plan plan;
  if (const Document* key = root.find("key")) plan.key = TRY(filled(*key, "key"));
  if (const Document* columns = root.find("columns")) TRY(read_columns(*columns, plan));
  if (const Document* names = root.find("quasi_identifiers")) {
    plan.quasi_identifiers = TRY(read_names(*names, "quasi_identifiers", limits.quasi_identifiers));
    plan.quasi_identifiers_line = names->line;
  }
  if (const Document* people = root.find("population"))
    plan.population = TRY(whole(*people, "population", 1, std::numeric_limits<std::uint32_t>::max()));
  if (const Document* wanted = root.find("k_anonymity")) {
    plan.k_anonymity = TRY(read_k_anonymity(*wanted, limits));
    if (plan.quasi_identifiers.empty()) return wrong(*wanted, "k_anonymity needs 'quasi_identifiers'");
  }
  if (const Document* counts = root.find("counts")) TRY(read_counts(*counts, plan, limits));
  TRY(check_keys_of_columns(plan));
  return plan;
}

Result<void> check_columns(const Plan& plan, const std::vector<std::string_view>& columns) {
  for (const ColumnPlan& each : plan.columns) {
    TRY(check_column(each.column, each.line, columns));
    if (const auto* shift = std::get_if<DateShift>(&each.action))
      TRY(check_column(shift->subject, each.line, columns));
  }
  for (const std::string& name : plan.quasi_identifiers) {
    TRY(check_column(name, plan.quasi_identifiers_line, columns));
    const ColumnPlan* column = plan.find(name);
    if (column != nullptr && std::holds_alternative<Drop>(column->action))
      return fail(Code::InvalidInput, "line " + std::to_string(plan.quasi_identifiers_line) +
                                          ": the quasi-identifier '" + printable(name, 60) +
                                          "' is dropped by line " + std::to_string(column->line));
  }
  if (plan.k_anonymity) {
    for (const Diversity& each : plan.k_anonymity->sensitive) {
      TRY(check_column(each.column, each.line, columns));
      if (std::ranges::find(plan.quasi_identifiers, each.column) != plan.quasi_identifiers.end())
        return fail(Code::InvalidInput, "line " + std::to_string(each.line) + ": column '" +
                                            printable(each.column, 60) +
                                            "' is a quasi-identifier, it cannot be sensitive, too");
    }
  }
  for (const CountTable& table : plan.counts) {
    for (const Domain& domain : table.by) {
      TRY(check_column(domain.column, domain.line, columns));
    }
    if (!table.subject.empty()) TRY(check_column(table.subject, table.line, columns));
  }
  return {};
}

}  // namespace bulwark::assay::anonymise
