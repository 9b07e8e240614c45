#pragma once
// Dockerfiles as BuildKit reads them: directives, continuation lines, comments between them, heredocs, the
// JSON and the shell form, build stages and what variables are known to hold.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/shell_words.h"

namespace bulwark::scan {

struct DockerFlag {
  std::string name;  // "--from" of "--from=builder"
  std::string value;
  std::uint64_t offset = 0;
};

struct DockerHeredoc {
  std::string delimiter;
  std::string target;        // of COPY and ADD: the file it becomes; empty for RUN
  std::uint64_t offset = 0;  // of the body in the file
  std::uint64_t length = 0;
};

struct DockerInstruction {
  std::string keyword;       // upper case; of `ONBUILD RUN …` the inner one
  bool on_build = false;     // runs when another image is built on this one
  bool exec_form = false;    // the JSON form: `words` are its strings
  std::uint64_t offset = 0;  // of the keyword
  std::uint64_t length = 0;  // up to the end of its last line, heredocs excluded
  std::size_t stage = 0;     // index into Dockerfile::stages, or kBeforeStages
  std::vector<DockerFlag> flags;
  // What follows the flags, with comment lines blanked: byte i stands at `arguments_offset + i` in the file.
  std::string arguments;
  std::uint64_t arguments_offset = 0;
  // The arguments as words; offsets are those of the file. Not filled for RUN, CMD … in shell form:
  // parse_shell does.
  std::vector<ShellWord> words;
  std::vector<DockerHeredoc> heredocs;

  [[nodiscard]] const DockerFlag* flag(std::string_view name) const;
};

inline constexpr std::size_t kBeforeStages = ~std::size_t{0};

struct DockerVariable {
  std::string name, value;  // the value expanded as far as it is known
  std::uint64_t offset = 0;
  bool argument = false;   // ARG, else ENV
  bool has_value = false;  // `ARG NAME` alone has none
};

struct DockerStage {
  std::size_t from = 0;  // index of its FROM
  std::string written;   // the image as written
  std::optional<std::string>
      image;          // with variables replaced; null if one of them is only known when it is built
  std::string alias;  // lower case; empty if none
  std::optional<std::size_t> parent;      // the stage that it continues
  std::vector<DockerVariable> variables;  // of this stage, in order; the parent's are not repeated
  std::map<std::string, std::size_t, std::less<>> last;  // index of the last variable of a name
};

struct Dockerfile {
  std::vector<DockerInstruction> instructions;
  std::vector<DockerStage> stages;
  std::vector<DockerVariable> globals;  // ARGs before the first FROM
  // The last ARG or ENV of a name in the whole file.
  std::map<std::string, DockerVariable, std::less<>> declared;
  char escape = '\\';

  // The value in effect at the end of the stage or of one it continues; null if it has none.
  [[nodiscard]] const DockerVariable* variable(std::size_t stage, std::string_view name) const;
};

// What stands for a variable's value that only the build will know, in texts of `expanded`.
inline constexpr char kUnknownValue = '\x01';

// Errors: LimitReached (more than 100,000 instructions). Cost: linear.
[[nodiscard]] Result<Dockerfile> parse_dockerfile(std::string_view text, const Limits& limits);

// `text` with $NAME, ${NAME}, ${NAME:-word}, ${NAME:+word} replaced by what is known in `stage`
// (kBeforeStages: by the global arguments). Arguments without a value become kUnknownValue, names that nobody
// declared vanish.
[[nodiscard]] std::string expanded(const Dockerfile& file, std::size_t stage, std::string_view text);

// The first instruction is FROM or ARG, and others follow: a Dockerfile under any name. Looks at 16 KiB.
[[nodiscard]] bool looks_like_dockerfile(std::string_view text);

}  // namespace bulwark::scan
