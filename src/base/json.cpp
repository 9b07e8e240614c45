// JSON through Boost.JSON's event parser, and the one place where Boost.JSON itself is compiled.
//
// Boost.JSON keeps no positions, silently lets the last duplicate key win and rounds doubles wrongly (up to 2
// ulp). The handler below builds our own tree instead: a cursor walks the text in step with the events and so
// knows where every value stands, duplicates are kept and listed, and doubles are read again from their text.

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <boost/version.hpp>
#include <charconv>

#include "base/document.h"

static_assert(BOOST_VERSION == 108100, "the behaviour this file relies on was checked with Boost 1.81");

namespace bulwark {
namespace {

using boost::json::error_code;
using Text = boost::json::string_view;

class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = ~std::size_t{0};
  static constexpr std::size_t max_array_size = ~std::size_t{0};
  static constexpr std::size_t max_key_size = ~std::size_t{0};
  static constexpr std::size_t max_string_size = ~std::size_t{0};

  TreeBuilder(std::string_view text, std::uint64_t max_nodes) : text_(text), left_(max_nodes) {}

  [[nodiscard]] bool out_of_nodes() const { return out_of_nodes_; }
  [[nodiscard]] ParsedDocument take() { return {std::move(root_), std::move(duplicates_), 0}; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return open(Document::Kind::Map, ec); }
  bool on_array_begin(error_code& ec) { return open(Document::Kind::List, ec); }
  bool on_object_end(std::size_t, error_code& ec) {
    note_duplicates(open_.back());
    return close(ec);
  }
  bool on_array_end(std::size_t, error_code& ec) { return close(ec); }
  bool on_key_part(Text part, std::size_t, error_code&) { return gather(part); }
  bool on_key(Text part, std::size_t, error_code&) {
    gather(part);
    skip_separators();
    skip_string();
    keys_.back() = std::exchange(gathered_, {});
    return true;
  }
  bool on_string_part(Text part, std::size_t, error_code&) { return gather(part); }
  bool on_string(Text part, std::size_t, error_code& ec) {
    gather(part);
    Document value = start(Document::Kind::String);
    value.string = std::exchange(gathered_, {});
    skip_string();
    return add(std::move(value), ec);
  }
  bool on_number_part(Text, error_code&) { return true; }
  bool on_int64(std::int64_t number, Text, error_code& ec) {
    Document value = start(Document::Kind::Integer);
    value.integer = number;
    value.number = static_cast<double>(number);
    skip_word();
    return add(std::move(value), ec);
  }
  bool on_uint64(std::uint64_t number, Text, error_code& ec) {
    Document value = start(Document::Kind::Number);
    value.number = static_cast<double>(number);
    skip_word();
    return add(std::move(value), ec);
  }
  bool on_double(double rounded, Text, error_code& ec) {
    Document value = start(Document::Kind::Number);
    const std::size_t begin = cursor_;
    skip_word();
    value.number = rounded;
    std::from_chars(text_.data() + begin, text_.data() + cursor_, value.number);
    return add(std::move(value), ec);
  }
  bool on_bool(bool truth, error_code& ec) {
    Document value = start(Document::Kind::Boolean);
    value.boolean = truth;
    skip_word();
    return add(std::move(value), ec);
  }
  bool on_null(error_code& ec) {
    Document value = start(Document::Kind::Null);
    skip_word();
    return add(std::move(value), ec);
  }
  bool on_comment_part(Text, error_code&) { return true; }
  bool on_comment(Text, error_code&) { return true; }

 private:
  bool gather(Text part) {
    gathered_.append(part.data(), part.size());
    return true;
  }

  // The cursor stands behind the previous token; the parser has already proved that the text is JSON.
  void skip_separators() {
    while (cursor_ < text_.size() && std::string_view(" \t\r\n:,").contains(text_[cursor_])) ++cursor_;
  }
  void skip_string() {
    for (++cursor_; cursor_ < text_.size() && text_[cursor_] != '"'; ++cursor_)
      if (text_[cursor_] == '\\') ++cursor_;
    ++cursor_;
  }
  void skip_word() {
    while (cursor_ < text_.size() && !std::string_view(" \t\r\n:,]}").contains(text_[cursor_])) ++cursor_;
  }

  Document start(Document::Kind kind) {
    skip_separators();
    Document value;
    value.kind = kind;
    value.offset = cursor_;
    return value;
  }
  bool open(Document::Kind kind, error_code& ec) {
    open_.push_back(start(kind));
    keys_.emplace_back();
    ++cursor_;
    return count(ec);
  }
  bool close(error_code& ec) {
    skip_separators();
    ++cursor_;
    Document value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    ++left_;  // counted when it was opened
    return add(std::move(value), ec);
  }
  bool add(Document value, error_code& ec) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_map()) {
      open_.back().map.emplace_back(std::exchange(keys_.back(), {}), std::move(value));
    } else {
      open_.back().list.push_back(std::move(value));
    }
    return count(ec);
  }
  bool count(error_code& ec) {
    if (left_-- > 0) return true;
    out_of_nodes_ = true;
    ec = boost::json::error::exception;  // any error stops the parser; the caller asks out_of_nodes()
    return false;
  }
  void note_duplicates(const Document& object) {
    std::vector<const Document::Entry*> entries;
    entries.reserve(object.map.size());
    for (const auto& entry : object.map) entries.push_back(&entry);
    std::ranges::stable_sort(entries, {},
                             [](const auto* entry) -> const std::string& { return entry->first; });
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (entries[i]->first == entries[i - 1]->first)
        duplicates_.push_back({entries[i]->first, entries[i]->second.offset});
  }

  std::string_view text_;
  std::uint64_t left_;
  bool out_of_nodes_ = false;
  std::size_t cursor_ = 0;
  std::string gathered_;
  std::vector<Document> open_;
  std::vector<std::string> keys_;  // key waiting for its value, one for each open container
  Document root_;
  std::vector<DuplicateKey> duplicates_;
};

}  // namespace

Result<ParsedDocument> parse_json(std::string_view text, const Limits& limits, TrailingBytes trailing_bytes) {
  if (text.size() > limits.document_bytes) {
    return fail(Code::LimitReached, "JSON text of " + std::to_string(text.size()) +
                                        " bytes is above the limit of " +
                                        std::to_string(limits.document_bytes));
  }
  boost::json::parse_options options;
  options.max_depth = limits.document_depth;
  boost::json::basic_parser<TreeBuilder> parser(options, text, limits.document_nodes);
  error_code ec;
  std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (parser.handler().out_of_nodes()) {
    return fail(Code::LimitReached,
                "JSON text has more than " + std::to_string(limits.document_nodes) + " values", used);
  }
  if (ec == boost::json::error::too_deep) {
    return fail(Code::LimitReached,
                "JSON text is nested deeper than " + std::to_string(limits.document_depth) + " levels", used);
  }
  if (ec) {
    return fail(Code::InvalidInput, "JSON text at offset " + std::to_string(used) + ": " + ec.message(),
                used);
  }
  while (used < text.size() && std::string_view(" \t\r\n").contains(text[used])) ++used;
  if (used < text.size() && trailing_bytes == TrailingBytes::Refuse) {
    return fail(Code::InvalidInput,
                "JSON text ends at offset " + std::to_string(used) + ", but " +
                    std::to_string(text.size() - used) + " bytes follow",
                used);
  }
  ParsedDocument parsed = parser.handler().take();
  parsed.consumed = used;
  return parsed;
}

}  // namespace bulwark
