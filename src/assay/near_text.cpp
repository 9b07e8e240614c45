#include "assay/near_text.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

namespace bulwark::assay {
namespace {

constexpr std::size_t kGram = 5;
constexpr std::size_t kLeastBytes = 12;
constexpr std::size_t kMinima = 128;
// Bands of four minima: texts as similar as 0.7 share one of 32 with probability 0.9998.
constexpr std::size_t kBandBytes = 4;
constexpr std::size_t kBands = kMinima / kBandBytes;
// Texts of one band that are compared with the ones before them: keeps a band that everybody shares linear.
constexpr std::size_t kNeighbours = 16;

std::uint64_t mixed(std::uint64_t value) {  // MurmurHash3's finaliser
  value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDULL;
  value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53ULL;
  return value ^ value >> 33;
}

struct Band {
  std::uint32_t key = 0;
  std::uint32_t text = 0;
};

std::vector<Band> band_of(std::span<const TextSketch> texts, std::size_t band) {
  std::vector<Band> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty) continue;
    Band entry{.key = 0, .text = static_cast<std::uint32_t>(i)};
    std::memcpy(&entry.key, texts[i].minima.data() + band * kBandBytes, kBandBytes);
    out.push_back(entry);
  }
  std::ranges::sort(
      out, [](const Band& a, const Band& b) { return std::pair(a.key, a.text) < std::pair(b.key, b.text); });
  return out;
}

std::uint32_t root_of(std::vector<std::uint32_t>& parent, std::uint32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

}  // namespace

TextSketch sketch_of(std::string_view text) {
  std::array<std::uint64_t, kMinima> minima{};
  minima.fill(std::numeric_limits<std::uint64_t>::max());
  std::uint64_t gram = 0;
  std::size_t bytes = 0;
  bool blank = false;
  const auto add = [&](unsigned char c) {
    gram = (gram << 8 | c) & 0xFF'FFFF'FFFFULL;
    if (++bytes < kGram) return;
    const std::uint64_t hash = mixed(gram + 1);
    std::uint64_t& least = minima[hash % kMinima];
    least = std::min(least, hash / kMinima);
  };
  for (const char raw : text) {
    auto c = static_cast<unsigned char>(raw);
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c + 32);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    if (letter) {
      if (blank && bytes > 0) add(' ');
      add(c);
    }
    blank = !letter;
  }
  TextSketch out;
  if (bytes < kLeastBytes) return out;
  out.empty = false;
  for (std::size_t i = 0; i < kMinima; ++i) {
    // An empty bin takes the minimum of another one, drawn by its own number, so that equal texts stay equal.
    std::size_t from = i;
    for (std::uint64_t step = 1; minima[from] == std::numeric_limits<std::uint64_t>::max(); ++step)
      from = mixed(i * 1'000'003 + step) % kMinima;
    out.minima[i] = static_cast<std::uint8_t>(mixed(minima[from] + i));
  }
  return out;
}

double similarity_of(const TextSketch& a, const TextSketch& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < kMinima; ++i) equal += a.minima[i] == b.minima[i] ? 1U : 0U;
  // One byte agrees by chance once in 256.
  const double share = static_cast<double>(equal) / static_cast<double>(kMinima);
  return std::max(0.0, (share - 1.0 / 256) / (1 - 1.0 / 256));
}

std::vector<std::uint32_t> near_groups(std::span<const TextSketch> texts, double least) {
  std::vector<std::uint32_t> parent(texts.size());
  std::iota(parent.begin(), parent.end(), std::uint32_t{0});
  for (std::size_t band = 0; band < kBands; ++band) {
    const std::vector<Band> order = band_of(texts, band);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i; j-- > 0 && i - j <= kNeighbours && order[j].key == order[i].key;) {
        const std::uint32_t a = root_of(parent, order[j].text);
        const std::uint32_t b = root_of(parent, order[i].text);
        if (a == b) break;  // its neighbour is already in the group
        if (similarity_of(texts[order[j].text], texts[order[i].text]) < least) continue;
        parent[std::max(a, b)] = std::min(a, b);
        break;
      }
    }
  }
  for (std::uint32_t i = 0; i < parent.size(); ++i) parent[i] = root_of(parent, i);
  return parent;
}

std::vector<NearText> nearest_texts(std::span<const TextSketch> queries, std::span<const TextSketch> points,
                                    double least) {
  std::vector<NearText> best(queries.size());
  for (std::size_t band = 0; band < kBands; ++band) {
    const std::vector<Band> order = band_of(points, band);
    for (const Band& query : band_of(queries, band)) {
      auto at = std::ranges::lower_bound(order, query.key, {}, &Band::key);
      NearText& found = best[query.text];
      for (std::size_t seen = 0; at != order.end() && at->key == query.key && seen < kNeighbours;
           ++at, ++seen) {
        if (found.similarity >= 1) break;
        const double similarity = similarity_of(queries[query.text], points[at->text]);
        if (similarity < least || similarity < found.similarity) continue;
        if (similarity == found.similarity && at->text >= found.at) continue;
        found = {.at = at->text, .similarity = similarity};
      }
    }
  }
  return best;
}

}  // namespace bulwark::assay
