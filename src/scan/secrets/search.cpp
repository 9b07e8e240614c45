#include "scan/secrets/search.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/secrets/assignment.h"
#include "scan/secrets/keyword_search.h"
#include "scan/secrets/special.h"
#include "scan/secrets/value.h"

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kAfterToken = 1'400;  // sentry's and PyPI's tokens have up to a thousand characters
constexpr std::size_t kBeforeAround = 96;
constexpr std::size_t kAfterAround = 400;
constexpr std::size_t kLongestValue = 300;
// Bytes that the judging may look at for each byte of the text: a text of nothing but keywords needs twenty.
constexpr std::uint64_t kWorkPerByte = 64;
constexpr std::uint64_t kWorkAtLeast = 16 << 20;
constexpr std::size_t kMostHits = 10'000;

// How telling a kind of detector is where several claim one value.
int rank_of(const Hit& hit) {
  if (hit.detector->check == "generic" || hit.detector->check == "password_literal") return 0;
  switch (hit.detector->kind) {
    case Kind::Assign: return 1;
    case Kind::Special: return 2;
    case Kind::Around: return 3;
    case Kind::Token: return 4;
  }
  return 0;
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

Severity lowered(Severity severity) {
  return severity <= Severity::Low ? severity : static_cast<Severity>(static_cast<int>(severity) - 1);
}

// "[A-Z" behind a prefix: somebody writes down how such secrets look.
bool is_pattern_behind(std::string_view rest) {
  return rest.size() >= 4 && rest[0] == '[' && (rest[2] == '-' || rest[1] == '\\' || rest[1] == '^');
}

struct Judgement {
  bool keep = true;
  std::optional<Severity> severity = {};
  std::string note = {};
};

Judgement judge_crc(std::string_view value) {
  if (has_valid_crc(value)) return {.note = "its checksum is right"};
  return {.severity = Severity::Low, .note = "its checksum is wrong: made up or mistyped"};
}

Judgement judge_jwt(std::string_view value) {
  const auto header = jwt_header(value);
  if (!header) return {.keep = false};
  if (lower(header->algorithm) == "none")
    return {.severity = Severity::High, .note = "it is not signed (alg none)"};
  return {.note = "signed with " + printable(header->algorithm, 20)};
}

Judgement judge_jwt_base64(std::string_view value) {
  const auto token = decode_base64(value.substr(0, value.size() / 4 * 4), Base64::UrlSafeToo);
  return {.keep = token && jwt_header(*token).has_value()};
}

// What the detector's structural check says about a value whose form fits.
Judgement judge(const Detector& detector, std::string_view text, Span span, const Context& context) {
  const std::string_view value = text.substr(span.begin, span.size());
  const std::string_view check = detector.check;
  if (check == "-") return {};
  if (check == "crc_token") return judge_crc(value);
  if (check == "jwt") return judge_jwt(value);
  if (check == "jwt_base64") return judge_jwt_base64(value);
  if (check == "mixed") return {.keep = mixes_letters_and_digits(value)};
  if (check == "password") return {.keep = !is_password_word(value)};
  if (check == "terraform_file") return {.keep = context.terraform && !is_password_word(value)};
  if (check == "nuget")
    return {.keep = !(value.starts_with('%') && value.ends_with('%')) && value != "33f!!lloppa" &&
                    value != "hal+9ooo_da!sY"};
  if (check == "aws_key") {
    const auto account = aws_account(value);
    return {.note = account ? "account " + *account : std::string()};
  }
  if (check == "bech32") {
    if (is_bech32(value)) return {};
    return {.severity = Severity::Medium, .note = "its checksum is wrong: made up or mistyped"};
  }
  if (check == "bytes64") {
    const auto bytes = decode_base64(value, Base64::Standard);
    return {.keep = bytes && bytes->size() == 64};
  }
  if (check == "base64_json") {
    const auto bytes = decode_base64(value, Base64::UrlSafeToo);
    return {.keep = bytes && bytes->contains("api_address")};
  }
  if (check == "stripe") {
    if (value.substr(0, 8).contains("_test_"))
      return {.severity = Severity::Low, .note = "a key for the test mode"};
    return {};
  }
  if (check == "hugging_face") {
    // Names in C that begin with hf_ are letters only and made of words; tokens are random.
    const std::string_view body = value.substr(value.rfind('_') + 1);
    const bool words =
        !std::ranges::any_of(body.substr(0, body.size()), [](char c) { return c >= '0' && c <= '9'; });
    std::size_t changes = 0;
    for (std::size_t i = 1; i < body.size(); ++i)
      if (is_upper(body[i]) != is_upper(body[i - 1])) ++changes;
    return {.keep = !words || changes >= body.size() / 4 || lower(body) == body};
  }
  if (check == "near_azure_openai") {
    constexpr std::size_t kNear = 1'600;  // twenty lines
    const std::size_t from = span.begin > kNear ? span.begin - kNear : 0;
    return {.keep = text.substr(from, 2 * kNear).contains(".openai.azure.com")};
  }
  if (check == "not_revision") {
    const std::string_view before =
        text.substr(span.begin > 24 ? span.begin - 24 : 0, std::min<std::size_t>(24, span.begin));
    const std::string word = lower(before);
    return {.keep = !word.contains("commit") && !word.contains("rev") && !word.contains("sha") &&
                    !word.contains("hash") && !word.contains("@")};
  }
  return {};
}

class Search final : public KeywordSink {
 public:
  Search(std::string_view text, std::string_view path)
      : text_(text), context_(path), work_(std::max(kWorkAtLeast, kWorkPerByte * text.size())) {}

  bool found(std::uint32_t number, std::uint64_t end) override {
    const Keyword& keyword = all_.keywords()[number];
    const Span span{static_cast<std::size_t>(end) - keyword.text.size(), static_cast<std::size_t>(end)};
    std::optional<std::optional<Assignment>> assignment;
    for (const std::uint16_t row : keyword.rows) {
      const Detector& detector = all_.list()[row];
      switch (detector.kind) {
        case Kind::Token: token(row, detector, span); break;
        case Kind::Around: around(row, detector, span); break;
        case Kind::Special: special(row, detector, span); break;
        case Kind::Assign:
          if (!assignment) assignment = assignment_of(text_, span);
          if (*assignment) assign(row, detector, **assignment);
          break;
      }
    }
    stopped_ = work_.exhausted() || hits_.size() >= kMostHits;
    return !stopped_;
  }

  [[nodiscard]] std::vector<Hit> take_hits() { return std::move(hits_); }
  [[nodiscard]] bool complete() const { return !stopped_; }

 private:
  void token(std::size_t row, const Detector& detector, Span keyword) {
    if (keyword.end >= text_.size()) return;
    // One byte before, so that \b at the start of the pattern sees what precedes the keyword.
    const std::size_t before = keyword.begin > 0 ? 1 : 0;
    const std::size_t from = keyword.begin - before;
    const std::string_view window = text_.substr(from, kAfterToken);
    const auto match = all_.pattern(row).find(window, before, true);
    if (!match) {
      (void)work_.take(64);
      return;
    }
    (void)work_.take(window.size());
    keep(detector, {from + match->begin, from + match->end});
  }

  void around(std::size_t row, const Detector& detector, Span keyword) {
    const std::size_t from = keyword.begin > kBeforeAround ? keyword.begin - kBeforeAround : 0;
    const std::size_t wanted = std::min(keyword.end + kAfterAround, text_.size()) - from;
    const std::string_view window = text_.substr(from, work_.take(wanted));
    if (const auto match = all_.pattern(row).find(window, 0, false))
      keep(detector, {from + match->begin, from + match->end});
  }

  void assign(std::size_t row, const Detector& detector, const Assignment& assignment) {
    if (context_.lock_file || assignment.value >= text_.size()) return;
    const std::string_view window = text_.substr(assignment.value, kLongestValue);
    (void)work_.take(32);
    const auto match = all_.pattern(row).find(window, 0, true);
    if (!match) return;
    const Span span{assignment.value + match->begin, assignment.value + match->end};
    const std::string_view value = text_.substr(span.begin, span.size());
    // A word is no key, however long; client ids may be numbers.
    if (std::ranges::none_of(value, [](char c) { return c >= '0' && c <= '9'; })) return;
    keep(detector, span);
  }

  void special(std::size_t row, const Detector& detector, Span keyword) {
    const Scene scene{.text = text_, .keyword = keyword, .context = context_, .work = work_};
    std::optional<Candidate> candidate;
    if (detector.check == "generic")
      candidate = generic_key(scene, detector.least_entropy);
    else if (detector.check == "password_literal")
      candidate = password_literal(scene);
    else if (detector.check == "url")
      candidate = url_password(scene);
    else if (detector.check == "private_key")
      candidate = private_key(scene);
    else if (detector.check == "gcp_service_account")
      candidate = gcp_service_account(scene);
    else if (detector.check == "kubernetes")
      candidate = kubernetes_secret(scene);
    else if (detector.check == "curl_header")
      candidate = curl_credential(scene, all_.pattern(row), false);
    else if (detector.check == "curl_user")
      candidate = curl_credential(scene, all_.pattern(row), true);
    if (!candidate) return;
    const std::string_view value = text_.substr(candidate->secret.begin, candidate->secret.size());
    if (entropy(value) < detector.least_entropy && detector.check != "generic") return;
    add(detector, candidate->secret, candidate->severity.value_or(detector.severity),
        std::move(candidate->note));
  }

  void keep(const Detector& detector, Span span) {
    const std::string_view value = text_.substr(span.begin, span.size());
    if (is_pattern_behind(text_.substr(span.end))) return;
    if (entropy(value) < detector.least_entropy || is_placeholder(value)) return;
    Judgement judgement = judge(detector, text_, span, context_);
    if (!judgement.keep) return;
    add(detector, span, judgement.severity.value_or(detector.severity), std::move(judgement.note));
  }

  void add(const Detector& detector, Span span, Severity severity, std::string note) {
    if (context_.test) severity = lowered(severity);
    const auto same = std::ranges::find_if(
        hits_, [&](const Hit& hit) { return hit.detector == &detector && hit.secret.begin == span.begin; });
    if (same != hits_.end()) return;
    hits_.push_back({.detector = &detector, .secret = span, .severity = severity, .note = std::move(note)});
  }

  std::string_view text_;
  Context context_;
  Work work_;
  const Detectors& all_ = Detectors::all();
  std::vector<Hit> hits_;
  bool stopped_ = false;
};

// Keeps the most telling hit of those that overlap.
std::vector<Hit> reduced(std::vector<Hit> hits) {
  std::ranges::stable_sort(hits, [](const Hit& a, const Hit& b) {
    if (rank_of(a) != rank_of(b)) return rank_of(a) > rank_of(b);
    if (a.severity != b.severity) return a.severity > b.severity;
    return a.secret.begin < b.secret.begin;
  });
  std::vector<Hit> kept;
  // By place: kept hits never overlap, so only the neighbours of a new one matter.
  std::map<std::size_t, std::size_t> ends;
  for (Hit& hit : hits) {
    auto after = ends.lower_bound(hit.secret.begin);
    if (after != ends.end() && after->first < hit.secret.end) continue;
    if (after != ends.begin() && std::prev(after)->second > hit.secret.begin) continue;
    ends.emplace(hit.secret.begin, hit.secret.end);
    kept.push_back(std::move(hit));
  }
  std::ranges::sort(kept, {}, [](const Hit& hit) { return hit.secret.begin; });
  return kept;
}

}  // namespace

Result<Found> find_every_secret(std::string_view text, std::string_view path) {
  Search search(text, path);
  TRY(search_keywords(text, search));
  return Found{.hits = search.take_hits(), .complete = search.complete()};
}

Result<Found> find_secrets(std::string_view text, std::string_view path) {
  Found found = TRY(find_every_secret(text, path));
  found.hits = reduced(std::move(found.hits));
  return found;
}

}  // namespace bulwark::scan::secrets
