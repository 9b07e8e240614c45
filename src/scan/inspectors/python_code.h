#pragma once
// Judges the Python code of a repository while it is evaluated: what it loads, fetches and runs.
// One judge for sources and notebooks; where a finding stands is the caller's business.

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/python/observer.h"
#include "scan/inspector.h"
#include "scan/inspectors/python_rules.h"

namespace bulwark::scan::inspectors {

// `at`: of the source that was parsed. Message, evidence, subject and severity of `details` are set.
using RaiseCode = std::function<void(const Rule& rule, const python::Token& at, FindingDetails details)>;

class CodeJudge : public python::Observer {
 public:
  explicit CodeJudge(RaiseCode raise) : raise_(std::move(raise)) {}

  void called(const python::CallSite& call) override;
  void assigned(const python::Tree& tree, python::NodeId target, const python::Value& value) override;
  // After the evaluation: what only the whole program shows. `hidden`: look for code that is decoded or
  // downloaded, too.
  void finish(const python::Program& program, bool hidden);

 private:
  struct Pending {
    python::Token at;
    FindingDetails details;
    bool plain = false;  // by http
  };

  void report(const Rule& rule, const python::CallSite& call, std::string message, Severity severity,
              std::vector<Edit> edits = {});

  // python_loads.cpp
  void loads(const python::CallSite& call);
  void torch_load(const python::CallSite& call);
  void yaml_load(const python::CallSite& call);
  void hub(const python::CallSite& call);
  void torch_hub(const python::CallSite& call);
  void transport(const python::CallSite& call);
  void archives(const python::CallSite& call);
  void downloads(const python::CallSite& call);
  void native(const python::CallSite& call);
  void credential_path(const python::Token& at, const std::string& text);

  // python_flows.cpp
  void runs(const python::CallSite& call);
  void applies(const python::CallSite& call);
  void steers(const python::CallSite& call);
  void tools(const python::CallSite& call);
  void servers(const python::CallSite& call);
  void installs(const python::CallSite& call);
  void images(const python::CallSite& call);

  RaiseCode raise_;
  std::vector<Pending> downloads_;  // a checksum elsewhere answers for them
  std::set<std::string, std::less<>> paths_;
  bool hashes_ = false;  // compares digests somewhere
};

// Tests load their own fixtures and talk to their own servers.
[[nodiscard]] bool is_test_code(const python::Tree& tree, const python::Program& program);

// The call as it is written, in one line.
[[nodiscard]] std::string written_call(const python::CallSite& call);
// The same with `keyword=value` added or corrected: "write `…` instead".
[[nodiscard]] std::string corrected_call(const python::CallSite& call, std::string_view keyword,
                                         std::string_view value);
// The same as a change of the source. Empty where it cannot be written mechanically.
[[nodiscard]] std::vector<Edit> mended_call(const python::CallSite& call, std::string_view keyword,
                                            std::string_view value);
// `yaml.load(` with another method in it. A function that was imported by its name is left alone.
[[nodiscard]] std::vector<Edit> mended_method(const python::CallSite& call, std::string_view method,
                                              std::string_view by);
// `yaml.Loader` becomes `yaml.SafeLoader`.
[[nodiscard]] std::vector<Edit> mended_loader(const python::CallSite& call, const python::Argument& loader);
// `target = False` becomes `target = True`.
[[nodiscard]] std::vector<Edit> switched_on(const python::Tree& tree, python::NodeId target);
// The source between two bytes with runs of blanks made one.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace bulwark::scan::inspectors
