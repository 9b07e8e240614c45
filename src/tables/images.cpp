#include "tables/images.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "base/text.h"
#include "os/mapping.h"
#include "os/walk.h"
#include "tables/gap_list.h"
#include "tables/image.h"

namespace bulwark::tables {
namespace {

struct Picture {
  std::string path;   // as it can be opened
  std::string file;   // below the folder
  std::string label;  // empty: it lies in the folder itself
  std::uint64_t bytes = 0;
  ImageShape shape;
  std::optional<Error> trouble;
};

enum Field : std::size_t { kFile, kLabel, kWidth, kHeight, kChannels, kBytes };
constexpr std::array<std::string_view, 6> kNames = {"file", "label", "width", "height", "channels", "bytes"};

std::string text_of(const ImageShape& shape) {
  return std::to_string(shape.width) + " x " + std::to_string(shape.height) + " x " +
         std::to_string(shape.channels);
}

class Folder {
 public:
  Folder(const std::string& path, const DatasetOptions& options)
      : path_(path), options_(options), gaps_(options.limits.gaps) {}

  [[nodiscard]] Result<void> run() {
    find();
    measure();
    if (pictures.empty()) return nothing_found();
    choose();
    if (array_shape) decode();
    return {};
  }

  [[nodiscard]] const std::vector<Gap>& gaps() const { return gaps_.all(); }

  std::vector<Picture> pictures;          // the rows
  std::optional<ImageShape> array_shape;  // of the array, if there is one
  std::vector<std::uint8_t> array;

 private:
  void find() {
    for (const os::WalkEntry& entry : os::walk(path_, {})) {
      if (entry.kind == os::Found::Directory) continue;
      std::string_view below = std::string_view(entry.path).substr(path_.size());
      below.remove_prefix(std::min(below.find_first_not_of('/'), below.size()));
      if (entry.kind == os::Found::Unreadable) {
        gaps_.add(GapReason::Unreadable, std::string(below), entry.why);
        continue;
      }
      if (pictures.size() >= options_.limits.images) {
        gaps_.add(GapReason::Limit, std::string(below), "more files than the limit");
        continue;
      }
      const std::size_t slash = below.find('/');
      pictures.push_back({.path = entry.path,
                          .file = std::string(below),
                          .label = std::string(slash == std::string_view::npos ? "" : below.substr(0, slash)),
                          .shape = {},
                          .trouble = {}});
    }
  }

  void measure() {
    parallel_for(pictures.size(), options_.jobs, [this](std::size_t i) {
      Picture& picture = pictures[i];
      const auto file = os::Mapping::open(picture.path, false);
      if (!file) return picture.trouble.emplace(file.error()), void();
      picture.bytes = (*file)->bytes().size();
      auto shape = measure_image((*file)->bytes(), options_.limits.image_pixels);
      if (!shape) return picture.trouble.emplace(std::move(shape).error()), void();
      picture.shape = *shape;
    });
    leave_out_troubled();
  }

  void leave_out_troubled() {
    for (const Picture& picture : pictures)
      if (picture.trouble)
        gaps_.add(gap_reason_from(picture.trouble->code), picture.file, picture.trouble->message);
    std::erase_if(pictures, [](const Picture& picture) { return picture.trouble.has_value(); });
  }

  Result<void> nothing_found() {
    std::string why = "no PNG, JPEG or PNM image in this folder";
    const std::vector<Gap>& seen = gaps_.all();
    if (!seen.empty()) {
      why += "; " + std::to_string(seen.size()) + " other files, the first of them: " +
             printable(seen[0].origin.empty() ? std::string() : seen[0].origin[0]) + ": " + seen[0].why;
    }
    return fail(Code::Unsupported, std::move(why));
  }

  // The commonest shape; of equally common ones the smallest.
  void choose() {
    std::map<ImageShape, std::uint64_t> counts;
    for (const Picture& picture : pictures) ++counts[picture.shape];
    const auto& [shape, count] =
        *std::ranges::max_element(counts, {}, [](const auto& row) { return row.second; });
    if (count * 2 < pictures.size()) {
      return gaps_.add(GapReason::Unsupported, 0U,
                       "images have " + std::to_string(counts.size()) + " shapes, the commonest (" +
                           text_of(shape) + ") " + std::to_string(count) +
                           " times: pixels were not compared");
    }
    if (count > options_.limits.array_bytes / shape.samples()) {
      return gaps_.add(GapReason::Limit, 0U,
                       "pixels of " + std::to_string(count) + " images (" + text_of(shape) +
                           ") do not fit the limit of memory: they were not compared");
    }
    array_shape = shape;
    for (Picture& picture : pictures) {
      if (picture.shape == shape) continue;
      picture.trouble = Error{.code = Code::Unsupported,
                              .message = "image of " + text_of(picture.shape) + " among images of " +
                                         text_of(shape) + ": left out"};
    }
    leave_out_troubled();
  }

  void decode() {
    const std::uint64_t each = array_shape->samples();
    array.resize(pictures.size() * each);
    parallel_for(pictures.size(), options_.jobs, [&](std::size_t i) {
      Picture& picture = pictures[i];
      const auto file = os::Mapping::open(picture.path, false);
      if (!file) return picture.trouble.emplace(file.error()), void();
      auto done = decode_image((*file)->bytes(), picture.shape, std::span(array).subspan(i * each, each));
      if (!done) picture.trouble.emplace(std::move(done).error());
    });
    close_holes(each);
    leave_out_troubled();
  }

  // What could not be decoded leaves no rows behind.
  void close_holes(std::uint64_t each) {
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      if (pictures[i].trouble) continue;
      if (kept != i) std::copy_n(&array[i * each], each, &array[kept * each]);
      ++kept;
    }
    array.resize(kept * each);
  }

  const std::string& path_;
  const DatasetOptions& options_;
  GapList gaps_;
};

// What readers and arrays share; they may outlive the data set.
struct Content {
  std::vector<Picture> pictures;
  std::vector<std::size_t> fields;  // of each column
  std::vector<std::uint8_t> array;
  std::vector<Gap> gaps;
};

class ImagesReader : public Reader {
 public:
  ImagesReader(std::shared_ptr<const Content> content, std::vector<std::size_t> fields)
      : content_(std::move(content)), fields_(std::move(fields)), stores_(fields_.size()) {}

  Result<bool> next(Block& block) override {
    const std::vector<Picture>& all = content_->pictures;
    const std::size_t rows = std::min(all.size() - at_, kBlockRows);
    block = {.first_row = at_, .rows = rows, .columns = {}};
    if (rows == 0) return false;
    const std::span<const Picture> pictures = std::span(all).subspan(at_, rows);
    for (std::size_t i = 0; i < fields_.size(); ++i)
      block.columns.push_back(cells(fields_[i], stores_[i], pictures));
    at_ += rows;
    return true;
  }
  const std::vector<Gap>& gaps() const override { return content_->gaps; }

 private:
  struct Store {
    std::vector<std::string_view> texts;
    std::vector<std::int64_t> integers;
    std::vector<std::uint64_t> valid;
  };

  static std::int64_t number_of(const Picture& picture, std::size_t field) {
    switch (field) {
      case kWidth: return picture.shape.width;
      case kHeight: return picture.shape.height;
      case kChannels: return picture.shape.channels;
      default: return static_cast<std::int64_t>(picture.bytes);
    }
  }

  static Cells cells(std::size_t field, Store& store, std::span<const Picture> pictures) {
    store.texts.clear();
    store.integers.clear();
    store.valid.assign((pictures.size() + 63) / 64, ~std::uint64_t{0});
    if (field >= kWidth) {
      for (const Picture& picture : pictures) store.integers.push_back(number_of(picture, field));
      return {.kind = Kind::Integer,
              .texts = {},
              .integers = store.integers,
              .reals = {},
              .booleans = {},
              .valid = {}};
    }
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      store.texts.emplace_back(field == kFile ? pictures[i].file : pictures[i].label);
      if (store.texts.back().empty()) store.valid[i / 64] &= ~(std::uint64_t{1} << i % 64);
    }
    return {.kind = Kind::Text,
            .texts = store.texts,
            .integers = {},
            .reals = {},
            .booleans = {},
            .valid = store.valid};
  }

  const std::shared_ptr<const Content> content_;
  const std::vector<std::size_t> fields_;
  std::vector<Store> stores_;
  std::size_t at_ = 0;
};

class Images : public Dataset {
 public:
  Images(Description about, std::shared_ptr<const Content> content)
      : about_(std::move(about)), content_(std::move(content)) {}

  const Description& about() const override { return about_; }

  Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const override {
    std::vector<std::size_t> fields;
    for (const std::size_t column : columns) {
      if (column >= content_->fields.size())
        return fail(Code::NotFound, "no column " + std::to_string(column));
      fields.push_back(content_->fields[column]);
    }
    return std::make_unique<ImagesReader>(content_, columns.empty() ? content_->fields : fields);
  }

  Result<Array> array(std::string_view name) const override {
    if (about_.arrays.empty() || name != about_.arrays[0].name)
      return fail(Code::NotFound, "no array \"" + printable(name, 60) + "\" in a folder of images");
    return Array{.about = about_.arrays[0], .bytes = content_->array, .owner = content_};
  }

  std::uint32_t line_of(std::uint64_t) const override { return 0; }

 private:
  const Description about_;
  const std::shared_ptr<const Content> content_;
};

Description describe(const std::string& path, const Content& content,
                     const std::optional<ImageShape>& shape) {
  Description about{
      .path = path, .format = "images", .columns = {}, .rows = content.pictures.size(), .arrays = {}};
  for (const Picture& picture : content.pictures) about.bytes += picture.bytes;
  for (const std::size_t field : content.fields) {
    about.columns.push_back({.name = std::string(kNames[field]),
                             .kind = field >= kWidth ? Kind::Integer : Kind::Text,
                             .declared = {}});
  }
  if (shape) {
    about.arrays.push_back(
        {.name = "images",
         .element = Element::UInt8,
         .shape = {content.pictures.size(), shape->channels, shape->height, shape->width}});
  }
  return about;
}

}  // namespace

bool recognises_images(const Candidate& candidate) {
  return candidate.folder;
}

Result<std::unique_ptr<Dataset>> open_images(const Candidate& candidate) {
  if (!candidate.folder) return fail(Code::Unsupported, "no folder of images");
  Folder found(candidate.path, candidate.options);
  TRY(found.run());
  auto content = std::make_shared<Content>();
  content->pictures = std::move(found.pictures);
  content->array = std::move(found.array);
  content->gaps = found.gaps();
  const bool labelled =
      std::ranges::any_of(content->pictures, [](const Picture& picture) { return !picture.label.empty(); });
  for (std::size_t field = 0; field < kNames.size(); ++field)
    if (field != kLabel || labelled) content->fields.push_back(field);
  Description about = describe(candidate.path, *content, found.array_shape);
  return std::make_unique<Images>(std::move(about), std::move(content));
}

}  // namespace bulwark::tables
