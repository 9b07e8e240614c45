#pragma once
// The plug-in point of `scan`: an Inspector knows one format, recognises it by content and turns it into
// findings and gaps. One file in scan/inspectors/ and one line in scan/inspectors/list.h. How to add one:
// docs/howto/add-an-inspector.md.
//
// Inspectors are pure: bytes in, findings out. No disk, network, clock, randomness or global state.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/byte_reader.h"
#include "core/report.h"
#include "core/rule.h"
#include "scan/artifact.h"
#include "scan/model_graph.h"
#include "scan/package.h"

namespace bulwark::scan {

class AdvisoryDatabase;
class AllowedPackages;
class Engine;

// How sure an inspector is that a loader would read the bytes in its way.
enum class Match : std::uint8_t {
  No,
  Weak,    // the shape fits, but chance could produce it; inspect() may still answer Unsupported = "not mine
           // after all"
  Strong,  // a magic number or a structure that chance does not produce; two of them make a polyglot
  Beside,  // runs beside other readings and is none itself (searches for embedded code, weights statistics …)
};

struct Inspector {
  std::string_view name;     // glossary name of the format: "pickle"
  std::string_view version;  // of its results; raise it whenever they may change
  std::span<const Rule> rules;
  // Readings of one family are no polyglot of each other ("zip": torch, keras …). Empty: the name.
  std::string_view family = {};

  // Reads what others read more closely: where one of them has a gap, its own gaps say nothing more.
  bool general = false;

  // Looks at the whole content; must be cheap (a few pages) and must not allocate in proportion to it.
  // Null: this inspector only looks at packages.
  Match (*recognises)(Bytes content) = nullptr;
  // For texts that their consumer finds by name (Dockerfile, requirements.txt, .github/workflows/*.yml). The
  // name adds a reading to those that `recognises` finds; no name ever takes one away.
  // `path`: as the consumer would see it, '/'-separated; hostile.
  Match (*recognises_file)(std::string_view path, Bytes content) = nullptr;
  // Error = could not finish: becomes a gap. After a Weak match Unsupported withdraws everything instead.
  Result<void> (*inspect)(Inspection&) = nullptr;

  // The same for the members of an archive or a directory seen together.
  bool (*recognises_package)(const Package&) = nullptr;
  Result<void> (*inspect_package)(const Package&, Inspection&) = nullptr;

  // Architecture of a model in this format, for `--against`. Null: no graph can be read.
  Result<ModelGraph> (*graph)(Inspection&) = nullptr;
};

// What the caller of the engine asked for.
struct Options {
  bool trace = false;  // keep decompiled programs
  bool deep = false;   // search every byte of large weights
  // What is known about packages; both must outlive the scan. Null: not given.
  const AdvisoryDatabase* advisories = nullptr;
  const AllowedPackages* allowed_packages = nullptr;
  std::int64_t now = 0;  // seconds since 1970, to say how old the advisories are; 0: unknown
  // A keyed digest of a secret's value, by which people can accept it without writing it down. Called from
  // many threads. Empty: findings name no fingerprint.
  std::function<std::string(std::string_view value)> fingerprint = {};
};

struct FindingDetails {
  Place place = {};
  std::string_view text = {};  // what place.offset lies in, if the line and column are to be found there
  std::string message = {};    // empty: the rule's title
  std::string evidence = {};   // made printable and cut by report()
  std::string subject = {};
  std::optional<Severity> severity = {};  // default: the rule's
  std::vector<Edit> edits = {};           // safe mechanical fix for `bulwark scan --fix`
};

// One artifact under one inspector: what it may see and where it reports to. Used by one thread.
class Inspection {
 public:
  [[nodiscard]] Bytes bytes() const { return artifact_.bytes; }
  [[nodiscard]] const Artifact& artifact() const { return artifact_; }
  [[nodiscard]] const Limits& limits() const { return budget_.limits(); }
  [[nodiscard]] Budget& budget() { return budget_; }
  [[nodiscard]] const Options& options() const { return options_; }
  // The archive or directory that this artifact is a member of; null if it is none.
  [[nodiscard]] const Package* package() const { return package_; }

  void report(const Rule& rule, FindingDetails details);
  // Shorthand for a binary artifact.
  void report(const Rule& rule, std::uint64_t offset, std::string message, std::string evidence = {}) {
    report(rule,
           {.place = {.offset = offset}, .message = std::move(message), .evidence = std::move(evidence)});
  }
  void gap(GapReason reason, std::string why, Place place = {});
  void gap(const Error& error, std::string_view context = {});
  // A fact that is neither good nor bad: {"producer", "pytorch 2.3"}. Values are made printable.
  void fact(std::string key, std::string_view value);
  // A value that nothing that is said about this top-level artifact may show.
  void conceal(std::string_view value) { concealed_.emplace_back(value); }
  // Text for `--trace`; ignored unless asked for.
  void trace(std::string_view text);

  // Another artifact inside this one, inspected after this inspection. `as` names an inspector that must read
  // it whatever its content looks like (a gap if it does not fit); empty: by recognition alone.
  void child(std::string name, Bytes slice_of_this_artifact, std::string_view as = {});
  void child(std::string name, std::vector<std::uint8_t> content, std::string_view as = {});
  // This artifact is an archive: package inspectors look at it, then every member is inspected, one at a
  // time.
  void open(std::unique_ptr<Package> package);

 private:
  friend class Engine;
  struct Child {
    std::string name;
    Content content;
    std::string_view as;
  };
  Inspection(const Artifact& artifact, const Package* package, Budget& budget, const Options& options)
      : artifact_(artifact), package_(package), budget_(budget), options_(options) {}

  const Artifact& artifact_;
  const Package* package_;
  Budget& budget_;
  const Options& options_;

  Report report_;
  Inspected about_;
  std::map<const Rule*, std::uint32_t> raised_;
  std::vector<std::string> concealed_;
  std::vector<Child> children_;
  std::vector<std::unique_ptr<Package>> packages_;
};

}  // namespace bulwark::scan
