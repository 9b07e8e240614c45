#pragma once
// Jupyter notebooks (nbformat 3 and 4): cells, their lines with places in the file, their outputs. No
// findings.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

struct NotebookLine {
  std::string text;          // without the line feed
  std::uint64_t string = 0;  // where the JSON string begins that holds it
  std::size_t skipped = 0;   // characters of that string before the line
};

struct NotebookOutput {
  std::string mime;  // "text/html", "application/javascript"; "stream", "error"
  std::string text;
  std::uint64_t offset = 0;
};

struct NotebookCell {
  enum class Kind : std::uint8_t { Code, Markdown, Other };
  Kind kind = Kind::Other;
  std::vector<NotebookLine> lines;
  std::vector<NotebookOutput> outputs;
  std::optional<std::int64_t> execution;  // its number, of code that has run
  bool source_hidden = false;
  bool outputs_hidden = false;
  std::uint64_t offset = 0;
};

struct Notebook {
  std::int64_t format = 0;
  std::string language;  // of the kernel, lower case; empty if it is not said
  std::vector<NotebookCell> cells;
};

// Cheap: looks at both ends of the text.
[[nodiscard]] bool looks_like_notebook(Bytes content);
// InvalidInput: no JSON; Unsupported: JSON, but no notebook.
[[nodiscard]] Result<Notebook> read_notebook(std::string_view text, const Limits& limits);

// Where in the file character `column` (from 0) of a line stands.
[[nodiscard]] std::uint64_t offset_in_file(std::string_view text, const NotebookLine& line,
                                           std::size_t column);

// The code of all Python cells as one program; what is no Python is taken out and kept apart.
struct NotebookProgram {
  struct Origin {
    std::size_t cell = 0;  // index
    std::size_t line = 0;  // in the cell, from 0
    std::size_t cut = 0;   // characters taken from the start of the line
  };
  struct Escape {
    Origin origin;
    std::string command;  // of a shell: `!pip install x`, a line of %%bash
    std::string magic;    // or of IPython: "run", "load" …; then `command` is its argument
  };
  std::string source;
  std::vector<Origin> lines;  // of `source`
  std::vector<Escape> escapes;
};
[[nodiscard]] NotebookProgram program_of(const Notebook& notebook);

}  // namespace bulwark::scan
