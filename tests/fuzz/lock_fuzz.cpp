// bulwark.lock: what is read, and the texts of agents in any file. A lock that was just written approves its
// texts.

#include <cstdlib>

#include "policy/approvals.h"
#include "scan/agent_texts.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  (void)policy::read_approvals(text_of(input));
  Limits limits;
  limits.document_bytes = 1 << 20;
  limits.document_nodes = 20'000;
  const auto found = scan::approvable_texts("tools.json", input, limits);
  if (!found) return 0;
  std::vector<policy::AgentText> texts;
  for (const scan::ApprovableText& text : *found)
    texts.push_back({"tools.json", text.kind, text.name, text.text});
  const auto written = policy::write_approvals(texts);
  if (!written) return 0;
  const auto read = policy::read_approvals(*written);
  if (!read || read->size() != texts.size()) std::abort();
  for (const policy::AgentText& text : texts) {
    bool approved = false;
    for (const policy::Approval& approval : *read) {
      if (approval.kind != text.kind || approval.name != text.name) continue;
      const auto difference = policy::compare(text, &approval);
      approved = difference && difference->approved == policy::Approved::AsItIs;
    }
    if (!approved) std::abort();
  }
  return 0;
}
