// Operators that need neither key nor chance: redact, mask, truncate, a tag, suppress.

#include <algorithm>

#include "assay/anonymise/characters.h"
#include "assay/anonymise/transform.h"

namespace bulwark::assay::anonymise {
namespace {

class Fixed : public Transform {
 public:
  explicit Fixed(std::string text) : text_(std::move(text)) {}
  bool apply(std::string_view, std::string_view, std::string& out) override {
    out += text_;
    return true;
  }

 private:
  std::string text_;
};

class Masking : public Transform {
 public:
  explicit Masking(Mask how) : how_(std::move(how)) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    split_characters(cell, characters_);
    const auto counts = [](std::string_view each) { return sort_of(each) != Sort::Separator; };
    const auto symbols = static_cast<std::size_t>(std::ranges::count_if(characters_, counts));
    // A short value would stand there whole, or nearly so.
    const std::size_t edges = std::size_t{how_.keep_first} + how_.keep_last;
    const std::size_t first = symbols >= 2 * edges ? how_.keep_first : 0;
    const std::size_t last = symbols >= 2 * edges ? symbols - how_.keep_last : symbols;
    std::size_t seen = 0;
    for (const std::string_view character : characters_) {
      if (!counts(character)) {
        out += character;
        continue;
      }
      out += seen < first || seen >= last ? character : std::string_view(how_.with);
      ++seen;
    }
    return true;
  }

 private:
  Mask how_;
  std::vector<std::string_view> characters_;
};

class Truncation : public Transform {
 public:
  explicit Truncation(Truncate how) : how_(how) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    split_characters(cell, characters_);
    std::erase_if(characters_, [](std::string_view each) { return sort_of(each) == Sort::Separator; });
    // Of the shortest card number, of twelve digits, this must leave something to guess.
    const std::size_t edges = std::size_t{how_.keep_first} + how_.keep_last;
    const bool long_enough = characters_.size() >= edges + 4;
    const std::size_t first = long_enough ? how_.keep_first : 0;
    const std::size_t last = long_enough ? how_.keep_last : 0;
    for (std::size_t i = 0; i < first; ++i) out += characters_[i];
    out += '*';
    for (std::size_t i = characters_.size() - last; i < characters_.size(); ++i) out += characters_[i];
    return true;
  }

 private:
  Truncate how_;
  std::vector<std::string_view> characters_;
};

}  // namespace

std::unique_ptr<Transform> make_text_transform(const Operator& action) {
  if (const auto* redact = std::get_if<Redact>(&action)) return std::make_unique<Fixed>(redact->text);
  if (const auto* mask = std::get_if<Mask>(&action)) return std::make_unique<Masking>(*mask);
  if (const auto* truncate = std::get_if<Truncate>(&action)) return std::make_unique<Truncation>(*truncate);
  if (const auto* replace = std::get_if<Replace>(&action)) return std::make_unique<Fixed>(replace->tag);
  return std::make_unique<Fixed>("");  // Suppress
}

}  // namespace bulwark::assay::anonymise
