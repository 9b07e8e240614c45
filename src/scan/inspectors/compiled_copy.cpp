#include "scan/inspectors/compiled_copy.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// Names shown; one is enough to judge.
constexpr std::size_t kShown = 5;
// Texts shorter than this prove nothing.
constexpr std::size_t kTextLength = 4;
// Of a word that is put together from two.
constexpr std::size_t kPiece = 3;
// Larger sources are not compared, and more words than this are not looked for through the whole text.
constexpr std::size_t kSourceBytes = std::size_t{4} << 20;
constexpr std::size_t kSearches = 1'000;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Python folds letters beyond ASCII (NFKC), so a name that has some cannot be looked for.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(name, is_name_character);
}

std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end > at) names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

// Names that the compiler writes of its own accord; "join" where an f-string has very many fields.
bool is_made_by_compiler(std::string_view name) {
  constexpr std::array<std::string_view, 17> kNames = {"__annotations__",
                                                       "__annotate__",
                                                       "__annotate_func__",
                                                       "__build_class__",
                                                       "__class__",
                                                       "__classcell__",
                                                       "__classdict__",
                                                       "__classdictcell__",
                                                       "__conditional_annotations__",
                                                       "__doc__",
                                                       "__firstlineno__",
                                                       "__module__",
                                                       "__name__",
                                                       "__qualname__",
                                                       "__static_attributes__",
                                                       "__type_params__",
                                                       "join"};
  return std::ranges::find(kNames, name) != kNames.end();
}

class Source {
 public:
  explicit Source(std::string_view text) : text_(text) {
    for (const std::string_view name : names_in(text)) names_.insert(name);
  }

  [[nodiscard]] bool has(std::string_view name) const {
    if (name.empty() || !is_plain(name) || names_.contains(name) || is_made_by_compiler(name)) return true;
    // In a class __private is _Class__private.
    const std::size_t mangled = name.starts_with('_') ? name.find("__", 1) : std::string_view::npos;
    return mangled != std::string_view::npos && names_.contains(name.substr(mangled));
  }
  // The source may write a text in pieces and with escapes; its words are there all the same.
  [[nodiscard]] bool quotes(std::string_view text) {
    return std::ranges::all_of(names_in(text), [&](std::string_view word) {
      if (word.size() < kTextLength || names_.contains(word) || holds(word)) return true;
      for (std::size_t cut = kPiece; cut + kPiece <= word.size(); ++cut)
        if (holds(word.substr(0, cut)) && holds(word.substr(cut))) return true;
      return false;
    });
  }

 private:
  [[nodiscard]] bool holds(std::string_view piece) {
    if (searches_ >= kSearches) return false;
    ++searches_;
    return text_.contains(piece);
  }

  std::string_view text_;
  std::size_t searches_ = 0;
  std::unordered_set<std::string_view> names_;
};

void note(std::vector<std::string>& unsaid, std::string_view what) {
  if (unsaid.size() < kShown && std::ranges::find(unsaid, what) == unsaid.end())
    unsaid.push_back(printable(what, 60));
}

std::vector<std::string> unsaid_of(Source source, const marshal::Program& program,
                                   const marshal::Reach& reach) {
  std::vector<std::string> unsaid;
  for (const marshal::Code& code : program.codes) {
    if (code.names == marshal::kNone) continue;
    for (const std::uint32_t item : program.objects[code.names].items) {
      if (item == marshal::kNone) continue;
      for (const std::string_view name : split(program.text(item), '.'))
        if (!source.has(name)) note(unsaid, name);
    }
  }
  for (const marshal::Use& use : reach.uses)
    if (use.known.effect != Effect::None && !source.quotes(use.arguments)) note(unsaid, use.arguments);
  return unsaid;
}

// PEP 552: without flags the header holds time and size of the source, which the interpreter compares.
bool is_stale(Bytes pyc, std::uint64_t size_of_source) {
  constexpr std::size_t kFlags = 4, kSize = 12;
  if (pyc.size() < marshal::kPycHeader || load_little_endian<std::uint32_t>(pyc.data() + kFlags) != 0)
    return false;
  return load_little_endian<std::uint32_t>(pyc.data() + kSize) != static_cast<std::uint32_t>(size_of_source);
}

// The name of the artifact among the members of its package. A directory knows its files by names relative to
// it, while the artifact has the whole path.
std::string_view name_in_package(const Artifact& artifact, const Package& package) {
  if (!artifact.origin.empty()) return artifact.origin.back();
  const std::string_view path = artifact.path;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return path;
  const std::size_t above = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1);
  const std::string_view with_folder = above == std::string_view::npos ? path : path.substr(above + 1);
  if (package.find(with_folder) != nullptr) return with_folder;
  return path.substr(slash + 1);
}

}  // namespace

std::string source_of_copy(std::string_view name) {
  constexpr std::string_view kEnd = ".pyc";
  constexpr std::string_view kFolder = "__pycache__";
  if (!name.ends_with(kEnd)) return {};
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::string(name.substr(0, name.size() - 1));
  std::string_view folder = name.substr(0, slash);
  const std::string_view file = name.substr(slash + 1);
  if (folder != kFolder && !folder.ends_with("/__pycache__"))
    return std::string(name.substr(0, name.size() - 1));
  const std::size_t tag = file.find('.');
  if (tag == std::string_view::npos || tag + kEnd.size() >= file.size()) return {};
  folder.remove_suffix(kFolder.size());
  return std::string(folder) + std::string(file.substr(0, tag)) + ".py";
}

CompiledCopy compare_with_source(Inspection& in, const marshal::Program& program,
                                 const marshal::Reach& reach) {
  CompiledCopy copy;
  if (in.package() == nullptr || marshal::version_of_pyc(in.bytes()).empty()) return copy;
  copy.source = source_of_copy(name_in_package(in.artifact(), *in.package()));
  if (copy.source.empty() || in.package()->find(copy.source) == nullptr) return copy;
  const auto content = in.package()->read(copy.source, in);
  if (!content || content->bytes.size() > kSourceBytes) return copy;
  if (is_stale(in.bytes(), content->bytes.size())) {
    copy.state = CopyState::Stale;
    return copy;
  }
  copy.unsaid = unsaid_of(Source(text_of(content->bytes)), program, reach);
  copy.state = copy.unsaid.empty() ? CopyState::Faithful : CopyState::Differs;
  return copy;
}

}  // namespace bulwark::scan
