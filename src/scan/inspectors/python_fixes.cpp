// Safe mechanical fixes of Python code, for `bulwark scan --fix`. Edits are of the source that was parsed.

#include "scan/inspectors/python_code.h"
#include "scan/mend.h"

namespace bulwark::scan::inspectors {

using python::Argument;
using python::CallSite;
using python::Syntax;

std::vector<Edit> mended_call(const CallSite& call, std::string_view keyword, std::string_view value) {
  if (call.nested || call.chain == 0) return {};
  const python::Tree& tree = call.tree;
  if (const Argument* old = call.argument(keyword); old != nullptr) {
    const std::string_view written = tree.written(old->node);
    if (written != "True" && written != "False") return {};  // decided elsewhere
    return mend_word(tree.source, tree.token(old->node).offset, written, value);
  }
  // In front of the closing bracket, behind what stands there; a lone generator has no room beside it.
  const std::uint32_t end = tree.at(call.part).end;
  if (end < 2 || !tree.tokens[end - 1].is(")") || tree.kind(tree.last(call.part)) == Syntax::Comprehension)
    return {};
  const python::Token& last = tree.tokens[end - 2];
  const std::string_view between = last.is("(") ? "" : last.is(",") ? " " : ", ";
  return {{last.offset + last.text.size(), "",
           std::string(between) + std::string(keyword) + "=" + std::string(value)}};
}

std::vector<Edit> mended_method(const CallSite& call, std::string_view method, std::string_view by) {
  if (call.nested || call.chain == 0) return {};
  const std::uint32_t open = call.tree.at(call.part).token;
  if (open < 2 || !call.tree.tokens[open].is("(") || !call.tree.tokens[open - 2].is(".") ||
      !call.tree.tokens[open - 1].word(method))
    return {};
  return {{call.tree.tokens[open - 1].offset, std::string(method), std::string(by)}};
}

std::vector<Edit> mended_loader(const CallSite& call, const Argument& loader) {
  const std::string_view written = call.tree.written(loader.node);
  const std::size_t dot = written.rfind('.');
  if (call.nested || dot == std::string_view::npos) return {};
  const std::string_view name = written.substr(dot + 1);
  const std::string_view safe = name == "Loader" || name == "UnsafeLoader"     ? "SafeLoader"
                                : name == "CLoader" || name == "CUnsafeLoader" ? "CSafeLoader"
                                                                               : "";
  if (safe.empty()) return {};
  return {{call.tree.token(loader.node).offset + dot + 1, std::string(name), std::string(safe)}};
}

std::vector<Edit> switched_on(const python::Tree& tree, python::NodeId target) {
  const std::uint32_t end = tree.at(target).end;
  if (end + 1 >= tree.tokens.size() || !tree.tokens[end].is("=") || !tree.tokens[end + 1].word("False"))
    return {};
  return mend_word(tree.source, tree.tokens[end + 1].offset, "False", "True");
}

}  // namespace bulwark::scan::inspectors
