#include <utility>

#include "os/mapping.h"
#include "scan/formats/npy.h"
#include "tables/array_table.h"
#include "tables/numpy.h"

namespace bulwark::tables {
namespace {

// "probabilities" of "runs/probabilities.npy".
std::string stem_of(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0)
    name = name.substr(0, dot);
  return std::string(name);
}

}  // namespace

bool recognises_npy(const Candidate& candidate) {
  return has_magic(candidate.head, scan::kNpyMagic);
}

Result<std::unique_ptr<Dataset>> read_npy(Held file, Description about, const DatasetLimits& limits) {
  NpyLayout layout = TRY(npy_layout(file.bytes));
  if (file.bytes.size() - layout.data_offset < layout.data_size)
    return fail(Code::Corrupt, "the file ends within its array: " + std::to_string(layout.data_size) +
                                   " bytes are announced, " +
                                   std::to_string(file.bytes.size() - layout.data_offset) + " are there");
  std::vector<NamedArray> arrays;
  arrays.push_back({stem_of(about.path), std::move(layout), [file]() -> Result<Held> { return file; }});
  return make_array_table(std::move(arrays), std::move(about), {}, limits);
}

Result<std::unique_ptr<Dataset>> open_npy(const Candidate& candidate) {
  const auto file = TRY(os::Mapping::open(candidate.path, true));
  Description about;
  about.path = candidate.path;
  about.format = "npy";
  about.bytes = file->bytes().size();
  return read_npy({file->bytes(), file}, std::move(about), candidate.options.limits);
}

}  // namespace bulwark::tables
