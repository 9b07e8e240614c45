// XML documents that no model format claims: what is dangerous in any of them.

#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/xml_rules.h"

namespace bulwark::scan::inspectors {
namespace {

Match recognises(Bytes content) {
  const std::string root = xml_root(content);
  // Model formats have inspectors of their own; pages for people have document types for a reason.
  if (root.empty() || root == "PMML" || root == "net" || lower(root) == "html") return Match::No;
  const std::string_view head = trim(text_of(content.first(std::min<std::size_t>(content.size(), 256))));
  const bool declared = head.starts_with("<?xml") || head.starts_with("<!DOCTYPE") ||
                        head.starts_with("\xEF\xBB\xBF<") ||
                        (content.size() > 1 && (content[0] == 0 || content[1] == 0 || content[0] >= 0xFE));
  return declared ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  XmlWalk walk(in);
  return walk.run({}, false);
}

}  // namespace

const Inspector xml{
    .name = "xml",
    .version = "1",
    .rules = kXmlRules,
    .family = "xml",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
