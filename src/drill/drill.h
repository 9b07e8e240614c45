#pragma once
// A drill: an executable proof that a control stops an attack. The plug-in point is one file in data/drills/;
// how to add one: docs/howto/add-a-drill.md.
//
// The contract of every drill: setup, attack run (stopped), ablation run (the same with exactly the control
// under test off: must succeed), benign twin (must pass), oracle, teardown. Proven only if all of it held.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/coverage.h"
#include "base/result.h"
#include "core/rule.h"

namespace bulwark::drill {

// A file that a drill makes. What is hostile is put together at run time and never stored live.
struct Sample {
  enum class Made : std::uint8_t {
    Recipe,  // docs/formats/recipe.md
    Text,    // as it is
    Python,  // what this program writes to its standard output
  };
  std::string name;  // relative path in the model's directory
  Made made = Made::Recipe;
  std::string source;  // ${PORT} becomes the port of the sink
  std::uint32_t line = 0;
};

// A file that wants to cross.
struct Crosser {
  std::string name;  // relative path in the model's directory
  std::vector<std::uint8_t> bytes;
};

// How the victim uses what passed the gate: a loader of data/drills/loader.py.
struct Load {
  std::string with;  // "pickle", "torch" …
  std::string file;  // relative; "." is the directory
  std::vector<std::string> arguments;
};

// How one sees that an attack reached its goal.
struct Effect {
  enum class Kind : std::uint8_t {
    Marker,  // the file "marker" was written
    Sink,    // bytes arrived at a socket on the loopback
    Answer,  // the model answers otherwise than the approved one does
  };
  Kind kind = Kind::Marker;
  std::string answer;  // of the attacked model
  std::string before;  // of the approved model, asked the same
};

// How the platform keeps what was approved, and so what an attacker finds on the disk.
enum class Kept : std::uint8_t {
  Plain,      // as files
  Signed,     // beside a model signature: what crosses is verified against it (RG-SIGN)
  Recorded,   // beside a manifest of its records: what crosses is verified against it (DA-PROV)
  Logged,     // as entries of a ledger; its folder is what crosses (LG-LEDGER)
  Encrypted,  // in the store; its folder is what an attacker has (RG-ENC)
};

// Who signed what crosses: its owner, somebody with another key, or nobody.
enum class SignedBy : std::uint8_t { Owner, Stranger, Nobody };

// What is looked at in a data set before a model learns it or retrieves from it: `bulwark assay`.
struct AssayOrder {
  std::string file;                // of the trial's files
  std::vector<std::string> parts;  // as in --only; never empty
  std::string label;               // columns with a role; empty: none
  std::string source;
  std::string group;
  std::string time;
  std::vector<std::string> texts;
  std::vector<std::string> untrusted;  // sources that are not trusted
  bool against = false;                // compare with the approved version of the file
};

// One attack or one benign twin.
struct Trial {
  std::string name;
  std::vector<Sample> files;
  Kept kept = Kept::Plain;
  std::string tamper;                    // Logged: Python that the attacker runs in the ledger's folder
  SignedBy signed_by = SignedBy::Owner;  // Signed; a stranger signs `files`, the owner has signed `approved`
  std::vector<Sample> approved;  // the version that was approved before, for comparison; names as in `files`
  std::optional<AssayOrder> assay;
  // What lies where the gate does not look (a package index, the home of a user); the loader finds it in
  // ../elsewhere.
  std::vector<Sample> elsewhere;
  Load load;
  std::vector<std::string> rules;  // of an attack: rules that must refuse it
  std::vector<std::string> gaps;   // of an attack: reasons of gaps that must refuse it
  Effect effect;                   // of an attack
  std::string answer;              // of a benign twin: what the loader must read back
};

// One step of a case study and what the replay makes of it.
struct Step {
  enum class Act : std::uint8_t {
    Outside,  // beyond the reach of any platform, or not replayed
    Build,    // the attacker makes the sample
    Gate,     // the sample crosses the gate
    Load,     // the victim loads it
    Effect,   // what the attacker wanted
  };
  int number = 0;  // in the case study, from 1
  std::string technique;
  Act act = Act::Outside;
  std::string does;
};

struct Drill {
  std::string id;  // "DR-0011.000", "DR-CS0031", with "-word" behind it if there is more than one
  std::string title;
  std::vector<std::string> techniques;
  std::vector<std::string> cases;
  std::vector<std::string> controls;  // the one under test first; all are exercised
  atlas::Proof proof = atlas::Proof::Prevent;
  std::chrono::milliseconds limit{0};  // within which an attack must be stopped
  Severity fail_on = Severity::High;   // policy of the gate
  std::string allowed_packages;        // that the gate knows: as in `bulwark scan --allowed-packages`
  std::string advisories;              // that the gate knows: one OSV document
  std::vector<std::string> needs;      // programs
  std::string proves;
  std::string does_not_show;
  std::vector<Trial> attacks;  // empty: a draft
  std::vector<Trial> benign;
  std::vector<Step> steps;  // of a case replay
  std::string file;         // where it stands

  [[nodiscard]] std::string_view control() const { return controls.front(); }
};

// `file`: for messages. Errors: InvalidInput, naming file and line: unknown keys, ids that the pinned
// catalogue does not know, steps that are not the case study's.
[[nodiscard]] Result<Drill> read_drill(std::string_view file, std::string_view text);

// Every drill of this build, sorted by id. Errors: as read_drill; a test reads them all.
[[nodiscard]] Result<std::vector<Drill>> builtin_drills();

[[nodiscard]] std::string_view name_of(Step::Act act);  // "outside", "build", "gate", "load", "effect"

}  // namespace bulwark::drill
