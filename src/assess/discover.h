#pragma once
// From the files of a tree to the components of the pipeline that it holds. Pure: files come in as values,
// one at a time.

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/component.h"
#include "assess/detector.h"
#include "base/byte_reader.h"

namespace bulwark::scan {
class Engine;
}

namespace bulwark::assess {

class Discoverer {
 public:
  // `engine` tells model files by their content; must outlive this.
  explicit Discoverer(const scan::Engine& engine) : engine_(engine) {}
  // `path`: below the tree, '/'-separated. Files in the same order give the same result.
  void look(const std::string& path, Bytes content);
  // Known only by its name, because it is too large or could not be read.
  void look_at_name(const std::string& path);

  [[nodiscard]] std::size_t files() const { return files_; }
  [[nodiscard]] std::size_t read() const { return read_; }  // of these, whose content was looked at as text
  // In the order of kinds, then by name.
  [[nodiscard]] std::vector<Component> take();

 private:
  void look_at(const File& file);

  const scan::Engine& engine_;
  Findings findings_;
  std::set<std::string, std::less<>> public_folders_;  // with a Service or Ingress that the world reaches
  std::size_t files_ = 0;
  std::size_t read_ = 0;
};

// What no repository can show, whatever is in it: said in every assessment.
struct BlindSpot {
  std::string_view what;
  std::string_view instead;  // how to find out
};
[[nodiscard]] std::span<const BlindSpot> blind_spots();

}  // namespace bulwark::assess
