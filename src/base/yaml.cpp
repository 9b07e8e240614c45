// YAML through yaml-cpp's event parser.
//
// Its node tree would expand an alias bomb without asking; events let us count every node, aliases expanded.

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <exception>
#include <map>
#include <spanstream>

#include "base/document.h"
#include "base/text.h"

namespace bulwark {
namespace {

struct OutOfNodes : std::exception {};
struct TooDeep : std::exception {};
struct NoProgress : std::exception {};

template <class T>
bool whole_number(std::string_view text, T& value) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc() && end == text.data() + text.size();
}

// The YAML 1.2 core schema for plain scalars. The text stays in `string` whatever the kind.
void resolve_plain(Document& value) {
  const std::string_view text = value.string;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    value.kind = Document::Kind::Null;
  } else if (const std::string low = lower(text); low == "true" || low == "false") {
    value.kind = Document::Kind::Boolean;
    value.boolean = low == "true";
  } else if (whole_number(text, value.integer)) {
    value.kind = Document::Kind::Integer;
    value.number = static_cast<double>(value.integer);
  } else if (whole_number(text, value.number)) {
    value.kind = Document::Kind::Number;
  }
}

class YamlBuilder final : public YAML::EventHandler {
 public:
  explicit YamlBuilder(const Limits& limits) : depth_(limits.document_depth), left_(limits.document_nodes) {}

  std::vector<Document> documents;

  void OnDocumentStart(const YAML::Mark& mark) override {
    anchors_.clear();
    // After some malformed texts yaml-cpp 0.7 hands out empty documents for ever.
    if (mark.pos == last_start_) throw NoProgress();
    last_start_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(at(mark, Document::Kind::Null), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    // An alias to a node that is still open would make a cycle; its reader sees null.
    if (target == anchors_.end()) return add(at(mark, Document::Kind::Null), 0);
    charge(nodes_of(target->second));
    add(target->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Document value = at(mark, Document::Kind::String);
    value.string = text;
    if (tag == "?") {
      resolve_plain(value);
    } else if (tag != "!") {
      value.tag = tag;
    }
    add(std::move(value), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(at(mark, Document::Kind::List), tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(at(mark, Document::Kind::Map), tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Document value;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
  };

  static Document at(const YAML::Mark& mark, Document::Kind kind) {
    Document value;
    value.kind = kind;
    value.offset = static_cast<std::uint64_t>(mark.pos);
    value.line = static_cast<std::uint32_t>(mark.line + 1);
    value.column = static_cast<std::uint32_t>(mark.column + 1);
    return value;
  }
  // A copy of a long text costs as much as many nodes.
  static std::uint64_t nodes_of(const Document& value) {
    std::uint64_t count = 1 + (value.string.size() + value.tag.size()) / sizeof(Document);
    for (const Document& item : value.list) count += nodes_of(item);
    for (const Document::Entry& entry : value.map)
      count += entry.first.size() / sizeof(Document) + nodes_of(entry.second);
    return count;
  }
  void charge(std::uint64_t nodes) {
    if (nodes > left_) throw OutOfNodes();
    left_ -= nodes;
  }
  void open(Document value, const std::string& tag, YAML::anchor_t anchor) {
    if (open_.size() >= depth_) throw TooDeep();
    charge(1);
    if (tag != "?" && tag != "!") value.tag = tag;
    open_.push_back({std::move(value), anchor, false, {}});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.value), done.anchor);
  }
  void add(Document value, YAML::anchor_t anchor) {
    charge(1);
    if (anchor != 0) {
      charge(nodes_of(value));
      anchors_[anchor] = value;
    }
    if (open_.empty()) {
      documents.push_back(std::move(value));
    } else if (Open& parent = open_.back(); parent.value.is_list()) {
      parent.value.list.push_back(std::move(value));
    } else if (!parent.has_key) {
      parent.key = std::move(value.string);
      parent.has_key = true;
    } else {
      parent.value.map.emplace_back(std::move(parent.key), std::move(value));
      parent.has_key = false;
    }
  }

  std::size_t depth_;
  std::uint64_t left_;
  int last_start_ = -1;  // of a document
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Document> anchors_;
};

}  // namespace

Result<std::vector<Document>> parse_yaml(std::string_view text, const Limits& limits) {
  if (text.size() > limits.document_bytes) {
    return fail(Code::LimitReached, "YAML text of " + std::to_string(text.size()) +
                                        " bytes is above the limit of " +
                                        std::to_string(limits.document_bytes));
  }
  YamlBuilder builder(limits);
  try {
    std::ispanstream stream{std::span<const char>(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const OutOfNodes&) {
    return fail(Code::LimitReached,
                "YAML text has more than " + std::to_string(limits.document_nodes) + " values");
  } catch (const TooDeep&) {
    return fail(Code::LimitReached,
                "YAML text is nested deeper than " + std::to_string(limits.document_depth) + " levels");
  } catch (const NoProgress&) {
    return fail(Code::InvalidInput, "YAML text: the parser does not get beyond document " +
                                        std::to_string(builder.documents.size()));
  } catch (const YAML::Exception& problem) {
    return fail(Code::InvalidInput,
                "YAML text at line " + std::to_string(problem.mark.line + 1) + ", column " +
                    std::to_string(problem.mark.column + 1) + ": " + problem.msg,
                problem.mark.pos < 0 ? kNoOffset : static_cast<std::uint64_t>(problem.mark.pos));
  }
  return std::move(builder.documents);
}

}  // namespace bulwark
