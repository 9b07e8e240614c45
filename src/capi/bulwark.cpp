#include "capi/bulwark.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/document.h"
#include "core/report.h"
#include "os/clock.h"
#include "policy/policy.h"
#include "report/run.h"
#include "scan/engine.h"

namespace bulwark {
namespace {

struct Settings {
  scan::Options options;
  Limits limits;
  policy::Policy policy;
};

[[nodiscard]] Result<std::uint64_t> positive(const Document& value, std::string_view key) {
  if (value.kind != Document::Kind::Integer || value.integer <= 0)
    return fail(Code::InvalidInput, "option " + std::string(key) + " must be a positive integer");
  return static_cast<std::uint64_t>(value.integer);
}

[[nodiscard]] Result<bool> boolean(const Document& value, std::string_view key) {
  if (value.kind != Document::Kind::Boolean)
    return fail(Code::InvalidInput, "option " + std::string(key) + " must be true or false");
  return value.boolean;
}

// An option that is misspelt must not be an option that is off.
[[nodiscard]] Result<Settings> read_settings(const char* options) {
  Settings settings;
  if (options == nullptr) return settings;
  const ParsedDocument parsed = TRY(parse_json(options, Limits()));
  if (!parsed.root.is_map()) return fail(Code::InvalidInput, "options must be a JSON object");
  for (const auto& [key, value] : parsed.root.map) {
    if (key == "deep") {
      settings.options.deep = TRY(boolean(value, key));
    } else if (key == "trace") {
      settings.options.trace = TRY(boolean(value, key));
    } else if (key == "time_ms") {
      const std::uint64_t time = TRY(positive(value, key));
      constexpr std::uint64_t kDay = 86'400'000;
      settings.limits.time = std::chrono::milliseconds(std::min(time, kDay));
    } else if (key == "held_bytes") {
      settings.limits.held_bytes = TRY(positive(value, key));
    } else if (key == "fail_on") {
      const auto severity = severity_from(value.string);
      if (!severity) return fail(Code::InvalidInput, "option fail_on must name a severity");
      settings.policy.fail_on = *severity;
    } else {
      return fail(Code::InvalidInput, "unknown option " + key);
    }
  }
  return settings;
}

struct Answer {
  int result;
  std::string json;
};

std::string error_json(std::string_view message) {
  std::string text = "{\"error\": \"";
  for (const char c : message) {
    if (c == '"' || c == '\\') text += '\\';
    text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return text + "\"}\n";
}

Answer scan_buffer(Bytes bytes, std::string_view name, const char* options) {
  const auto settings = read_settings(options);
  if (!settings) return {BULWARK_USAGE, error_json(settings.error().message)};
  const os::SteadyClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), settings->limits, settings->options, clock);
  const Report report =
      engine.scan({.path = std::string(name), .origin = {}, .bytes = bytes, .keeps = nullptr});
  const policy::Verdict verdict = policy::decide(settings->policy, report, os::today());
  const report::Run run{.report = report, .verdict = verdict, .version = BULWARK_VERSION, .files = 1};
  const int result = verdict.outcome == policy::Outcome::Accepted  ? BULWARK_ACCEPTED
                     : verdict.outcome == policy::Outcome::Refused ? BULWARK_REFUSED
                                                                   : BULWARK_INCOMPLETE;
  return {result, report::write_json(run)};
}

}  // namespace
}  // namespace bulwark

extern "C" {

int bulwark_scan_buffer(const void* data, size_t size, const char* name, const char* options, char** json) {
  if (json != nullptr) *json = nullptr;
  // The edge of C: nothing may be thrown across it, and running out of memory is the caller's to decide
  // about.
  try {
    bulwark::Answer answer;
    if (data == nullptr && size != 0) {
      answer = {BULWARK_USAGE, bulwark::error_json("no data")};
    } else {
      answer = bulwark::scan_buffer({static_cast<const std::uint8_t*>(data), size},
                                    name == nullptr ? "buffer" : name, options);
    }
    // strdup, because the other side frees with the C library.
    if (json != nullptr) *json = ::strdup(answer.json.c_str());
    return answer.result;
  } catch (...) {
    if (json != nullptr) *json = ::strdup("{\"error\": \"internal error or out of memory\"}\n");
    return BULWARK_INTERNAL;
  }
}

void bulwark_free(char* json) {
  std::free(json);
}

const char* bulwark_version(void) {
  return BULWARK_VERSION;
}
}
