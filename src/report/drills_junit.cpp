// For continuous integration: one test case a drill, as JUnit readers expect it.

#include <cstdio>

#include "base/text.h"
#include "report/drills.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : clean_utf8(text)) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default: out += static_cast<unsigned char>(letter) < 0x20 && letter != '\t' ? '?' : letter;
    }
  }
  return out;
}

std::string seconds(std::chrono::milliseconds took) {
  std::string digits = std::to_string(took.count() % 1000);
  return std::to_string(took.count() / 1000) + "." + std::string(3 - digits.size(), '0') + digits;
}

std::string case_of(const drill::Record& record) {
  const drill::Drill& drill = *record.drill;
  std::string out = "    <testcase classname=\"bulwark.drill." + escaped(drill.control()) + "\" name=\"" +
                    escaped(drill.id + " " + drill.title) + "\" time=\"" + seconds(record.took) + "\"";
  if (record.outcome == atlas::Outcome::Proven) return out + "/>\n";
  const std::string_view tag = record.outcome == atlas::Outcome::Failed ? "failure" : "skipped";
  return out + ">\n      <" + std::string(tag) + " message=\"" + escaped(record.reason) +
         "\"/>\n    </testcase>\n";
}

}  // namespace

std::string drills_junit(const DrillRun& run) {
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::string cases;
  for (const drill::Record& record : run.records) {
    failed += record.outcome == atlas::Outcome::Failed ? 1U : 0U;
    skipped += record.outcome == atlas::Outcome::Unassessed ? 1U : 0U;
    cases += case_of(record);
  }
  const std::string counts = "tests=\"" + std::to_string(run.records.size()) + "\" failures=\"" +
                             std::to_string(failed) + "\" skipped=\"" + std::to_string(skipped) +
                             "\" time=\"" + seconds(run.took) + "\"";
  std::string suite = "  <testsuite name=\"bulwark drill\" errors=\"0\" " + counts;
  if (!run.started.empty()) suite += " timestamp=\"" + escaped(run.started) + "\"";
  suite += ">\n    <properties>\n";
  for (const auto& [name, value] :
       {std::pair{"version", std::string(run.version)}, std::pair{"build", run.build},
        std::pair{"atlas", std::string(run.atlas)}, std::pair{"seed", std::to_string(run.seed)}})
    suite += "      <property name=\"" + std::string(name) + "\" value=\"" + escaped(value) + "\"/>\n";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + counts + ">\n" + suite +
         "    </properties>\n" + cases + "  </testsuite>\n</testsuites>\n";
}

}  // namespace bulwark::report
