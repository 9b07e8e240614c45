// Python source as the code of a repository and as training code, which needs a name that the engine gives.
#include <string_view>

#include "scan/inspectors/python_code.h"
#include "scan/inspectors/training.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text = text_of(Bytes(data, size));
  const python::Tree tree = python::parse_tree(text);
  const scan::inspectors::RaiseCode raise = [](const Rule&, const python::Token&, scan::FindingDetails) {};
  scan::inspectors::CodeJudge judge(raise);
  const python::Program program = python::evaluate(tree, {.observer = &judge});
  judge.finish(program, true);
  scan::inspectors::judge_training(tree, program, raise);
  return 0;
}
