#include "tables/dataset.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "os/error.h"
#include "os/input_file.h"
#include "tables/formats.h"

namespace bulwark::tables {
namespace {

constexpr std::size_t kHead = std::size_t{64} << 10;

// Lower case, without the dot; empty if the name has none.
std::string extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string() : lower(name.substr(dot + 1));
}

std::string known_formats() {
  std::string names;
  for (const Format& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

Result<const Format*> format_of(const Candidate& candidate) {
  const std::string& wanted = candidate.options.format;
  const std::string_view name = wanted == "tsv" ? "csv" : std::string_view(wanted);
  const auto found = std::ranges::find_if(formats(), [&](const Format& format) {
    return name.empty() ? format.recognises(candidate) : format.name == name;
  });
  if (found != formats().end()) return &*found;
  return fail(Code::Unsupported,
              (wanted.empty() ? "no data set that we know" : "no format " + printable(wanted)) +
                  "; known are " + known_formats());
}

Result<std::unique_ptr<Dataset>> open_candidate(const std::string& path, const DatasetOptions& options) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return os::system_error("cannot open");
  Candidate candidate{.path = path, .extension = extension_of(path), .head = {}, .options = options};
  std::vector<char> head;
  if (S_ISDIR(about.st_mode)) {
    candidate.folder = true;
  } else {
    const auto file = TRY(os::InputFile::open(path));
    head.resize(std::min<std::uint64_t>(kHead, file->size()));
    const std::size_t got = TRY(file->read(0, head));
    candidate.head = bytes_of(std::string_view(head.data(), got));
    candidate.bytes = file->size();
  }
  const Format* format = TRY(format_of(candidate));
  return format->open(candidate);
}

}  // namespace

Result<std::unique_ptr<Dataset>> open_dataset(const std::string& path, const DatasetOptions& options) {
  auto opened = open_candidate(path, options);
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(path)));
  return opened;
}

}  // namespace bulwark::tables
