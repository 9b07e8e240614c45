#pragma once
// The plug-in point of `assess`: a Detector knows one kind of component. One file in assess/detectors/, named
// like the kind, and one line in the list of kinds (component.h).
//
// Most evidence is a name, so a detector is a table of markers; where that is not enough it also looks at a
// file.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assess/component.h"
#include "assess/file.h"

namespace bulwark::assess {

// Where a marker is looked for.
enum class In : std::uint8_t {
  Path,     // glob on the path or on the name alone, lower case
  Import,   // a Python import of that module or of something below it
  Call,     // a Python call; ".fit" is any call that ends so
  Config,   // whole words in a configuration line, lower case
  Object,   // "group/Kind" of a Kubernetes object; "group/*" any kind; "/Kind" of the core
  Package,  // a dependency of that name: weak evidence
};

// Texts are literals.
struct Marker {
  In in;
  std::string_view pattern;
  std::string_view component;  // name of the component that it shows
};

// Collects what detectors see.
class Findings {
 public:
  // `why` starts with a verb: "imports mlflow".
  void add(Kind kind, std::string name, Confidence confidence, const File& file, std::uint32_t line,
           std::string_view evidence, std::string why);
  // By kind and name; sightings sorted.
  [[nodiscard]] std::vector<Component> take();

 private:
  std::map<std::pair<Kind, std::string>, Component> found_;
};

struct Detector {
  Kind kind;
  std::span<const Marker> markers;
  void (*look)(const File& file, Findings& findings) = nullptr;  // may be null
};

// Every detector, in the order of the kinds.
[[nodiscard]] std::span<const Detector* const> builtin_detectors();

// Runs the markers of one detector over one file.
void match_markers(const Detector& detector, const File& file, Findings& findings);

// A Python name is `pattern`, lies below it, or ends with it (pattern ".fit").
[[nodiscard]] bool names(std::string_view dotted, std::string_view pattern);

}  // namespace bulwark::assess
