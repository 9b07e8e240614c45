#include "trust/records.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::trust {
namespace {

// A cell may hold a document or an image in base64; a table with longer records is none.
constexpr std::size_t kRecordBytes = std::size_t{64} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::string_view name_of(RecordFormat format) {
  return format == RecordFormat::Csv ? "csv" : "lines";
}

std::optional<RecordFormat> record_format_from(std::string_view name) {
  if (name == "csv") return RecordFormat::Csv;
  if (name == "lines") return RecordFormat::Lines;
  return std::nullopt;
}

std::optional<RecordFormat> record_format_of(std::string_view path) {
  const std::string name = lower(path);
  if (name.ends_with(".csv")) return RecordFormat::Csv;
  if (name.ends_with(".tsv") || name.ends_with(".jsonl") || name.ends_with(".ndjson"))
    return RecordFormat::Lines;
  return std::nullopt;
}

// The offset behind the record's end, if it lies in the piece. Keeps the state for the next piece otherwise.
std::optional<std::size_t> RecordSplitter::end_in(Bytes piece) {
  const std::string_view text = text_of(piece);
  std::size_t at = 0;
  if (state_ == State::FieldStart || format_ == RecordFormat::Lines) {
    // Most lines hold no quote: then the line end is the record's.
    const std::size_t end = text.find('\n');
    if (end != std::string_view::npos &&
        (format_ == RecordFormat::Lines || text.substr(0, end).find('"') == std::string_view::npos))
      return end + 1;
    if (format_ == RecordFormat::Lines) return std::nullopt;
  }
  for (; at < text.size(); ++at) {
    const char c = text[at];
    switch (state_) {
      case State::Quoted: {
        const std::size_t quote = text.find('"', at);
        const std::string_view skipped =
            text.substr(at, quote == std::string_view::npos ? quote : quote - at);
        inner_lines_ += static_cast<std::uint64_t>(std::ranges::count(skipped, '\n'));
        if (quote == std::string_view::npos) return std::nullopt;
        at = quote;
        state_ = State::QuoteInQuoted;
        break;
      }
      case State::QuoteInQuoted:
        if (c == '"') {
          state_ = State::Quoted;
          break;
        }
        state_ = State::Field;
        [[fallthrough]];
      case State::FieldStart:
      case State::Field:
        if (c == '\n') return at + 1;
        if (c == ',') {
          state_ = State::FieldStart;
        } else if (c == '"' && state_ == State::FieldStart) {
          state_ = State::Quoted;
        } else if (offset_ + at >= kByteOrderMark.size() || c != kByteOrderMark[offset_ + at]) {
          state_ = State::Field;
        }
        break;
    }
  }
  return std::nullopt;
}

void RecordSplitter::emit(Bytes rest) {
  if (begun_.empty()) {
    each_(rest, line_);
  } else {
    begun_.insert(begun_.end(), rest.begin(), rest.end());
    each_(begun_, line_);
    begun_.clear();
  }
  line_ += 1 + inner_lines_;
  inner_lines_ = 0;
  state_ = State::FieldStart;
}

Result<void> RecordSplitter::feed(Bytes piece) {
  while (!piece.empty()) {
    const auto end = end_in(piece);
    if (begun_.size() + end.value_or(piece.size()) > kRecordBytes)
      return fail(Code::LimitReached,
                  "the record on line " + std::to_string(line_) + " is longer than " +
                      std::to_string(kRecordBytes >> 20U) + " MiB; is a quote never closed?",
                  offset_);
    if (!end) {
      begun_.insert(begun_.end(), piece.begin(), piece.end());
      offset_ += piece.size();
      return {};
    }
    emit(piece.first(*end));
    offset_ += *end;
    piece = piece.subspan(*end);
  }
  return {};
}

void RecordSplitter::finish() {
  if (!begun_.empty()) emit({});
}

RecordHash record_hash(const Salt& salt, Bytes record) {
  const crypto::Hash256 whole = crypto::sha256_bytes(salt, record);
  RecordHash half;
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

namespace {

struct Placed {
  RecordHash hash;
  std::size_t at = 0;

  friend auto operator<=>(const Placed&, const Placed&) = default;
};

constexpr std::size_t kNone = ~std::size_t{0};

std::vector<Placed> sorted(const std::vector<RecordHash>& hashes, std::size_t first, std::size_t last) {
  std::vector<Placed> list;
  list.reserve(last - first);
  for (std::size_t i = first; i < last; ++i) list.push_back({hashes[i], i});
  std::ranges::sort(list);
  return list;
}

// For every new record in [first, last) the old one that is the same, each used once, in order.
std::vector<std::size_t> match(const std::vector<Placed>& before, const std::vector<Placed>& after,
                               std::size_t first, std::size_t last) {
  std::vector<std::size_t> partner(last - first, kNone);
  std::size_t left = 0;
  for (const Placed& right : after) {
    while (left < before.size() && before[left].hash < right.hash) ++left;
    if (left < before.size() && before[left].hash == right.hash)
      partner[right.at - first] = before[left++].at;
  }
  return partner;
}

// Marks the members of a longest increasing subsequence of the partners: those records stayed where they
// were.
std::vector<bool> stayed(const std::vector<std::size_t>& partner) {
  std::vector<std::size_t> tails;  // index of the smallest end of a subsequence of each length
  std::vector<std::size_t> previous(partner.size(), kNone);
  for (std::size_t i = 0; i < partner.size(); ++i) {
    if (partner[i] == kNone) continue;
    const auto place =
        std::ranges::lower_bound(tails, partner[i], {}, [&](std::size_t at) { return partner[at]; });
    if (place != tails.begin()) previous[i] = *(place - 1);
    if (place == tails.end()) {
      tails.push_back(i);
    } else {
      *place = i;
    }
  }
  std::vector<bool> marks(partner.size());
  for (std::size_t i = tails.empty() ? kNone : tails.back(); i != kNone; i = previous[i]) marks[i] = true;
  return marks;
}

}  // namespace

RecordDifference compare_records(const std::vector<RecordHash>& before,
                                 const std::vector<RecordHash>& after) {
  const std::size_t common = std::min(before.size(), after.size());
  std::size_t first = 0;
  while (first < common && before[first] == after[first]) ++first;
  std::size_t tail = 0;
  while (tail < common - first && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const std::size_t last_before = before.size() - tail;
  const std::size_t last_after = after.size() - tail;

  const auto partner =
      match(sorted(before, first, last_before), sorted(after, first, last_after), first, last_after);
  const std::vector<bool> marks = stayed(partner);
  std::vector<bool> used(last_before - first);
  for (const std::size_t at : partner)
    if (at != kNone) used[at - first] = true;

  RecordDifference difference;
  std::size_t old = first;  // the next old record to account for
  std::vector<std::size_t> fresh;
  // Between two records that stayed, what has gone and what has come lie in the same place.
  const auto settle = [&](std::size_t old_end) {
    std::vector<std::size_t> gone;
    for (; old < old_end; ++old)
      if (!used[old - first]) gone.push_back(old);
    for (std::size_t i = 0; i < std::max(gone.size(), fresh.size()); ++i) {
      const std::uint64_t was = i < gone.size() ? gone[i] + 1 : 0;
      const std::uint64_t is = i < fresh.size() ? fresh[i] + 1 : 0;
      (was == 0 ? difference.added : is == 0 ? difference.removed : difference.changed).push_back({was, is});
    }
    fresh.clear();
  };
  for (std::size_t i = first; i < last_after; ++i) {
    const std::size_t from = partner[i - first];
    if (from == kNone) {
      fresh.push_back(i);
    } else if (marks[i - first]) {
      settle(from);
      old = from + 1;
    } else {
      difference.moved.push_back({from + 1, i + 1});
    }
  }
  settle(last_before);
  return difference;
}

}  // namespace bulwark::trust
