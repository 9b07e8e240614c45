#include "tables/array_table.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "tables/columns.h"
#include "tables/names.h"

namespace bulwark::tables {
namespace {

// A string of NumPy may hold numbers that are no characters.
std::uint32_t character_of(std::uint32_t unit) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  return unit > 0x10ffff || (unit >= 0xd800 && unit < 0xe000) ? kReplacement : unit;
}

// One column of a pass.
class ColumnSource {
 public:
  ColumnSource(Array numbers) : numbers_(std::move(numbers)) {}
  ColumnSource(NpyLayout layout, Held content) : layout_(std::move(layout)), content_(std::move(content)) {}

  // Rows first … first + rows - 1. Returns how many values did not fit their kind.
  std::uint64_t fill(std::uint64_t first, std::size_t rows, Cells& cells) {
    cells = Cells{};
    if (layout_) {
      fill_texts(first, rows, cells);
      return 0;
    }
    return fill_numbers(first, rows, cells);
  }

 private:
  std::uint64_t fill_numbers(std::uint64_t first, std::size_t rows, Cells& cells) {
    switch (numbers_.about.element) {
      case Element::Boolean:
        cells.kind = Kind::Boolean;
        cells.booleans = numbers_.bytes.subspan(first, rows);
        return 0;
      case Element::Float64:
        cells.kind = Kind::Real;
        cells.reals = numbers_.doubles().subspan(first, rows);
        return 0;
      case Element::Float16:
      case Element::Float32:
        cells.kind = Kind::Real;
        reals_.resize(rows);
        for (std::size_t i = 0; i < rows; ++i) reals_[i] = numbers_.at(first + i);
        cells.reals = reals_;
        return 0;
      default: return fill_integers(first, rows, cells);
    }
  }

  std::uint64_t fill_integers(std::uint64_t first, std::size_t rows, Cells& cells) {
    cells.kind = Kind::Integer;
    integers_.resize(rows);
    const Element element = numbers_.about.element;
    const std::uint8_t* at = numbers_.bytes.data() + first * size_of(element);
    std::uint64_t lost = 0;
    if (element == Element::Int64 || element == Element::UInt64) {
      if (rows > 0) std::memcpy(integers_.data(), at, rows * 8);
      if (element == Element::UInt64) lost = mark_overflows(cells);
    } else {
      for (std::size_t i = 0; i < rows; ++i) integers_[i] = static_cast<std::int64_t>(numbers_.at(first + i));
    }
    cells.integers = integers_;
    return lost;
  }

  // Unsigned values from 2^63 on came out negative: they are no values.
  std::uint64_t mark_overflows(Cells& cells) {
    const auto lost =
        static_cast<std::uint64_t>(std::ranges::count_if(integers_, [](auto value) { return value < 0; }));
    if (lost == 0) return 0;
    valid_.assign((integers_.size() + 63) / 64, ~std::uint64_t{0});
    for (std::size_t i = 0; i < integers_.size(); ++i)
      if (integers_[i] < 0) valid_[i / 64] &= ~(std::uint64_t{1} << i % 64);
    cells.valid = valid_;
    return lost;
  }

  void fill_texts(std::uint64_t first, std::size_t rows, Cells& cells) {
    cells.kind = Kind::Text;
    texts_.resize(rows);
    ends_.resize(rows);
    decoded_.clear();
    const std::size_t size = layout_->item_size;
    for (std::size_t i = 0; i < rows; ++i) {
      const Bytes item = content_.bytes.subspan(layout_->data_offset + (first + i) * size, size);
      if (layout_->wide_text) {
        append_wide(item);
        ends_[i] = decoded_.size();
      } else {
        // Padded with NULs behind; those within belong to the text.
        const std::string_view text = text_of(item);
        texts_[i] = text.substr(0, text.find_last_not_of('\0') + 1);
      }
    }
    if (layout_->wide_text)
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t start = i == 0 ? 0 : ends_[i - 1];
        texts_[i] = std::string_view(decoded_).substr(start, ends_[i] - start);
      }
    cells.texts = texts_;
  }

  void append_wide(Bytes item) {
    std::size_t characters = item.size() / 4;
    const auto character = [&](std::size_t i) {
      return layout_->swapped ? load_big_endian<std::uint32_t>(item.data() + i * 4)
                              : load_little_endian<std::uint32_t>(item.data() + i * 4);
    };
    while (characters > 0 && character(characters - 1) == 0) --characters;
    for (std::size_t i = 0; i < characters; ++i) append_utf8(decoded_, character_of(character(i)));
  }

  Array numbers_;
  std::optional<NpyLayout> layout_;  // strings
  Held content_;
  std::vector<double> reals_;
  std::vector<std::int64_t> integers_;
  std::vector<std::uint64_t> valid_;
  std::vector<std::string_view> texts_;
  std::vector<std::size_t> ends_;
  std::string decoded_;
};

class ArrayReader : public Reader {
 public:
  ArrayReader(std::vector<ColumnSource> columns, std::vector<std::string> names, std::uint64_t rows,
              std::vector<Gap> gaps)
      : columns_(std::move(columns)),
        names_(std::move(names)),
        lost_(names_.size()),
        rows_(rows),
        gaps_(std::move(gaps)) {}

  Result<bool> next(Block& block) override {
    if (row_ == rows_) {
      tell_lost();
      return false;
    }
    block.first_row = row_;
    block.rows = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockRows, rows_ - row_));
    block.columns.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i)
      lost_[i] += columns_[i].fill(row_, block.rows, block.columns[i]);
    row_ += block.rows;
    return true;
  }
  const std::vector<Gap>& gaps() const override { return gaps_; }

 private:
  void tell_lost() {
    for (std::size_t i = 0; i < lost_.size(); ++i) {
      const std::uint64_t count = std::exchange(lost_[i], 0);
      if (count == 0) continue;
      gaps_.push_back({.reason = GapReason::Unsupported,
                       .path = {},
                       .origin = {names_[i]},
                       .place = {},
                       .why = std::to_string(count) + " integers beyond 63 bits were left out"});
    }
  }

  std::vector<ColumnSource> columns_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> lost_;
  std::uint64_t rows_;
  std::uint64_t row_ = 0;
  std::vector<Gap> gaps_;
};

class ArrayTable : public Dataset {
 public:
  ArrayTable(std::vector<NamedArray> arrays, Description about, std::vector<Gap> gaps,
             const DatasetLimits& limits)
      : arrays_(std::move(arrays)),
        about_(std::move(about)),
        gaps_(std::move(gaps)),
        most_(std::min(limits.array_bytes, limits.memory)) {
    describe();
  }

  const Description& about() const override { return about_; }

  Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const override {
    const std::vector<std::size_t> chosen = TRY(chosen_columns(columns, about_.columns.size()));
    std::vector<ColumnSource> sources;
    std::vector<std::string> names;
    for (const std::size_t i : chosen) {
      ColumnSource source = TRY(open(arrays_[columns_[i]]));
      sources.push_back(std::move(source));
      names.push_back(about_.columns[i].name);
    }
    return std::make_unique<ArrayReader>(std::move(sources), std::move(names), about_.rows.value_or(0),
                                         gaps_);
  }

  Result<Array> array(std::string_view name) const override {
    const auto found = std::ranges::find(arrays_, name, &NamedArray::name);
    if (found == arrays_.end()) return fail(Code::NotFound, "there is no array " + printable(name));
    const Held content = TRY(found->load());
    return npy_array(found->layout, found->name, content, most_);
  }

  std::uint32_t line_of(std::uint64_t) const override { return 0; }

 private:
  Result<ColumnSource> open(const NamedArray& array) const {
    Held content = TRY(array.load());
    if (array.layout.element) {
      Array numbers = TRY(npy_array(array.layout, array.name, content, most_));
      return ColumnSource(std::move(numbers));
    }
    if (content.bytes.size() < array.layout.data_offset ||
        content.bytes.size() - array.layout.data_offset < array.layout.data_size)
      return fail(Code::Corrupt, printable(array.name) + " is cut");
    return ColumnSource(array.layout, std::move(content));
  }

  // The first dimension that most arrays share; of equally common ones the largest.
  [[nodiscard]] std::uint64_t usual_rows() const {
    std::map<std::uint64_t, std::size_t> counts;
    for (const NamedArray& array : arrays_)
      if (!array.layout.shape.empty()) ++counts[array.layout.shape.front()];
    std::uint64_t rows = 0;
    std::size_t most = 0;
    for (const auto& [length, count] : counts) {
      if (count < most) continue;
      most = count;
      rows = length;
    }
    return rows;
  }

  void describe() {
    const std::uint64_t rows = usual_rows();
    about_.rows = rows;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const NamedArray& array = arrays_[i];
      const NpyLayout& layout = array.layout;
      if (layout.is_column() && layout.shape.front() == rows) {
        about_.columns.push_back({.name = array.name, .kind = layout.kind(), .declared = layout.declared});
        columns_.push_back(i);
      } else if (!layout.shape.empty() && layout.element) {
        about_.arrays.push_back({.name = array.name, .element = *layout.element, .shape = layout.shape});
      }
    }
    std::vector<std::string> names;
    for (const Column& column : about_.columns) names.push_back(column.name);
    names = unique_names(std::move(names));
    for (std::size_t i = 0; i < names.size(); ++i) about_.columns[i].name = std::move(names[i]);
  }

  std::vector<NamedArray> arrays_;
  Description about_;
  std::vector<Gap> gaps_;
  std::uint64_t most_;
  std::vector<std::size_t> columns_;  // indices into arrays_
};

}  // namespace

std::unique_ptr<Dataset> make_array_table(std::vector<NamedArray> arrays, Description about,
                                          std::vector<Gap> gaps, const DatasetLimits& limits) {
  return std::make_unique<ArrayTable>(std::move(arrays), std::move(about), std::move(gaps), limits);
}

}  // namespace bulwark::tables
