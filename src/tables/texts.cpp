#include "tables/texts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "os/input_file.h"
#include "os/walk.h"
#include "tables/columns.h"
#include "tables/text_source.h"

namespace bulwark::tables {
namespace {

constexpr std::string_view kExtensions[] = {"txt", "md", "markdown", "rst"};
// Texts that one block holds; a large one fills it alone.
constexpr std::size_t kBlockBytes = std::size_t{4} << 20;

std::vector<os::WalkEntry> texts_below(const std::string& folder) {
  return os::walk(folder, {.exclude = {}, .include = {"*.txt", "*.md", "*.markdown", "*.rst"}});
}
bool is_file(const os::WalkEntry& entry) {
  return entry.kind == os::Found::File;
}

class TextsReader : public Reader {
 public:
  TextsReader(std::vector<std::pair<std::string, std::string>> files, std::vector<Gap> gaps,
              std::vector<std::size_t> columns, const DatasetLimits& limits)
      : files_(std::move(files)), columns_(std::move(columns)), limits_(limits), gaps_(std::move(gaps)) {}

  Result<bool> next(Block& block) override {
    texts_.clear();
    names_.clear();
    std::size_t bytes = 0;
    for (; at_ < files_.size() && texts_.size() < kBlockRows && bytes < kBlockBytes; ++at_) {
      auto text = read(files_[at_].first);
      if (!text) {
        gaps_.push_back({.reason = gap_reason_from(text.error().code),
                         .path = {},
                         .origin = {files_[at_].second},
                         .place = {},
                         .why = text.error().message});
        continue;
      }
      bytes += text->size();
      texts_.push_back(std::move(*text));
      names_.push_back(files_[at_].second);
    }
    if (texts_.empty()) return false;
    fill(block);
    return true;
  }
  const std::vector<Gap>& gaps() const override { return gaps_; }

 private:
  Result<std::string> read(const std::string& path) const {
    auto file = TRY(os::InputFile::open(path));
    if (file->size() > limits_.cell_bytes)
      return fail(Code::LimitReached, "a text of " + human_size(file->size()) + ", the limit is " +
                                          human_size(limits_.cell_bytes));
    TextSource source = TRY(TextSource::open(file));
    std::string text(static_cast<std::size_t>(file->size()) * 2 + 1, '\0');  // UTF-16 may grow by half
    const std::size_t size = TRY(source.read(text));
    text.resize(size);
    return text;
  }

  void fill(Block& block) {
    views_.clear();
    views_.insert(views_.end(), names_.begin(), names_.end());
    views_.insert(views_.end(), texts_.begin(), texts_.end());
    const std::size_t rows = texts_.size();
    block.first_row = row_;
    block.rows = rows;
    block.columns.assign(columns_.size(), Cells{});
    for (std::size_t i = 0; i < columns_.size(); ++i)
      block.columns[i].texts = std::span<const std::string_view>(views_).subspan(columns_[i] * rows, rows);
    row_ += rows;
  }

  std::vector<std::pair<std::string, std::string>> files_;  // where it is, how it is called
  std::vector<std::size_t> columns_;
  DatasetLimits limits_;
  std::vector<Gap> gaps_;
  std::size_t at_ = 0;
  std::uint64_t row_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
};

class TextsDataset : public Dataset {
 public:
  TextsDataset(std::vector<std::pair<std::string, std::string>> files, std::vector<Gap> gaps,
               Description about, const DatasetLimits& limits)
      : files_(std::move(files)), gaps_(std::move(gaps)), about_(std::move(about)), limits_(limits) {}

  const Description& about() const override { return about_; }
  Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const override {
    std::vector<std::size_t> chosen = TRY(chosen_columns(columns, about_.columns.size()));
    return std::make_unique<TextsReader>(files_, gaps_, std::move(chosen), limits_);
  }
  Result<Array> array(std::string_view name) const override {
    return fail(Code::NotFound, "texts hold no array " + printable(name));
  }
  std::uint32_t line_of(std::uint64_t) const override { return 1; }

 private:
  std::vector<std::pair<std::string, std::string>> files_;
  std::vector<Gap> gaps_;
  Description about_;
  DatasetLimits limits_;
};

}  // namespace

bool recognises_texts(const Candidate& candidate) {
  if (!candidate.folder)
    return std::ranges::find(kExtensions, candidate.extension) != std::end(kExtensions) &&
           text_of(candidate.head).find('\0') == std::string_view::npos;
  const auto images = os::walk(candidate.path, {.exclude = {},
                                                .include = {"*.png", "*.jpg", "*.jpeg", "*.pgm", "*.ppm",
                                                            "*.pnm", "*.PNG", "*.JPG", "*.JPEG"}});
  return std::ranges::none_of(images, is_file) && std::ranges::any_of(texts_below(candidate.path), is_file);
}

Result<std::unique_ptr<Dataset>> open_texts(const Candidate& candidate) {
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<Gap> gaps;
  if (candidate.folder) {
    for (os::WalkEntry& entry : texts_below(candidate.path)) {
      std::string name = entry.path.substr(std::min(entry.path.size(), candidate.path.size()));
      name.erase(0, std::min(name.find_first_not_of('/'), name.size()));
      if (is_file(entry)) {
        files.emplace_back(std::move(entry.path), std::move(name));
      } else if (entry.kind == os::Found::Unreadable && gaps.size() < candidate.options.limits.gaps) {
        gaps.push_back({.reason = GapReason::Unreadable,
                        .path = {},
                        .origin = {std::move(name)},
                        .place = {},
                        .why = std::move(entry.why)});
      }
    }
  } else {
    files.emplace_back(candidate.path, candidate.path.substr(candidate.path.rfind('/') + 1));
  }
  if (files.empty()) return fail(Code::InvalidInput, "the folder holds no texts");
  Description about;
  about.path = candidate.path;
  about.format = "text";
  about.bytes = candidate.bytes;
  about.columns = {{.name = "path", .kind = Kind::Text, .declared = {}},
                   {.name = "text", .kind = Kind::Text, .declared = {}}};
  return std::make_unique<TextsDataset>(std::move(files), std::move(gaps), std::move(about),
                                        candidate.options.limits);
}

}  // namespace bulwark::tables
