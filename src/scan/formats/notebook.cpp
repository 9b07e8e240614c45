#include "scan/formats/notebook.h"

#include <algorithm>
#include <array>

#include "base/document.h"
#include "base/text.h"
#include "scan/formats/config.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kEdge = 8192;

bool is_true(const Document* value) {
  return value != nullptr && value->kind == Document::Kind::Boolean && value->boolean;
}

// A text that is stored whole or as a list of pieces.
std::string joined(const Document& value) {
  if (value.is_string()) return value.string;
  std::string text;
  for (const Document& piece : value.list) text += piece.string;
  return text;
}

void add_lines(const Document& piece, std::vector<NotebookLine>& lines, bool& open) {
  std::size_t begin = 0;
  const std::string& text = piece.string;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (open && !lines.empty()) {
      lines.back().text += text.substr(begin, end - begin);
    } else {
      lines.push_back({text.substr(begin, end - begin), piece.offset, begin});
    }
    open = end == text.size();
    begin = end + 1;
  }
}

void read_output(const Document& output, std::vector<NotebookOutput>& outputs) {
  const std::string_view type = output.text("output_type");
  const auto add = [&](std::string_view mime, const Document& value) {
    outputs.push_back(
        {std::string(mime), joined(value), value.list.empty() ? value.offset : value.list.front().offset});
  };
  if (const Document* data = output.find("data"); data != nullptr && data->is_map()) {
    for (const auto& [mime, value] : data->map) add(mime, value);
    return;
  }
  if (const Document* text = output.find("text"); text != nullptr)
    add(type == "stream" ? "stream" : "text/plain", *text);
  // nbformat 3 has short names beside each other.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOld = {
      {{"html", "text/html"}, {"javascript", "application/javascript"}, {"svg", "image/svg+xml"}}};
  for (const auto& [name, mime] : kOld)
    if (const Document* value = output.find(name); value != nullptr) add(mime, *value);
}

NotebookCell read_cell(const Document& from) {
  NotebookCell cell;
  cell.offset = from.offset;
  const std::string_view type = from.text("cell_type");
  cell.kind = type == "code"       ? NotebookCell::Kind::Code
              : type == "markdown" ? NotebookCell::Kind::Markdown
                                   : NotebookCell::Kind::Other;
  const Document* source = from.find("source");
  if (source == nullptr) source = from.find("input");  // nbformat 3
  if (source != nullptr) {
    bool open = false;
    if (source->is_string()) add_lines(*source, cell.lines, open);
    for (const Document& piece : source->list) add_lines(piece, cell.lines, open);
  }
  const Document* count = from.find("execution_count");
  if (count == nullptr) count = from.find("prompt_number");
  if (count != nullptr && count->kind == Document::Kind::Integer) cell.execution = count->integer;
  if (const Document* metadata = from.find("metadata"); metadata != nullptr) {
    if (const Document* jupyter = metadata->find("jupyter"); jupyter != nullptr) {
      cell.source_hidden = is_true(jupyter->find("source_hidden"));
      cell.outputs_hidden = is_true(jupyter->find("outputs_hidden"));
    }
    cell.source_hidden = cell.source_hidden || is_true(metadata->find("hide_input"));
  }
  if (const Document* outputs = from.find("outputs"); outputs != nullptr)
    for (const Document& output : outputs->list) read_output(output, cell.outputs);
  return cell;
}

}  // namespace

bool looks_like_notebook(Bytes content) {
  if (!looks_like_json(content)) return false;
  const std::string_view text = text_of(content);
  const std::string_view head = text.substr(0, kEdge);
  const std::string_view tail = text.substr(text.size() - std::min(text.size(), kEdge));
  const auto says = [&](std::string_view key) {
    return head.find(key) != std::string_view::npos || tail.find(key) != std::string_view::npos;
  };
  return says("\"nbformat\"") && (says("\"cells\"") || says("\"worksheets\"") || says("\"cell_type\""));
}

Result<Notebook> read_notebook(std::string_view text, const Limits& limits) {
  const ParsedDocument parsed = TRY(parse_json(text, limits, TrailingBytes::Allow));
  const Document* format = parsed.root.find("nbformat");
  if (!parsed.root.is_map() || format == nullptr || format->kind != Document::Kind::Integer)
    return fail(Code::Unsupported, "JSON without nbformat is no notebook");
  Notebook notebook;
  notebook.format = format->integer;
  if (const Document* metadata = parsed.root.find("metadata"); metadata != nullptr) {
    if (const Document* info = metadata->find("language_info"); info != nullptr)
      notebook.language = lower(info->text("name"));
    if (const Document* kernel = metadata->find("kernelspec"); kernel != nullptr && notebook.language.empty())
      notebook.language = lower(kernel->text("language"));
  }
  const auto add = [&](const Document* cells) {
    if (cells != nullptr)
      for (const Document& cell : cells->list) notebook.cells.push_back(read_cell(cell));
  };
  add(parsed.root.find("cells"));
  if (const Document* sheets = parsed.root.find("worksheets"); sheets != nullptr)
    for (const Document& sheet : sheets->list) add(sheet.find("cells"));
  return notebook;
}

std::uint64_t offset_in_file(std::string_view text, const NotebookLine& line, std::size_t column) {
  std::size_t left = line.skipped + column;
  std::uint64_t at = line.string + 1;
  // A character of the content may be an escape of two or six characters in the file.
  while (left > 0 && at < text.size() && text[at] != '"') {
    const bool escape = text[at] == '\\';
    const bool unicode = escape && at + 1 < text.size() && text[at + 1] == 'u';
    at += unicode ? 6 : escape ? 2 : 1;
    --left;
  }
  return std::min<std::uint64_t>(at, text.size());
}

namespace {

// "%%bash --out x" -> "bash"; empty if the line is no cell magic.
std::string_view cell_magic(const NotebookCell& cell) {
  for (const NotebookLine& line : cell.lines) {
    const std::string_view text = trim(line.text);
    if (text.empty()) continue;
    if (!text.starts_with("%%")) return {};
    return text.substr(2, text.find_first_of(" \t") - 2);
  }
  return {};
}

enum class Content : std::uint8_t { Python, Shell, Neither };

Content content_of(std::string_view magic) {
  constexpr std::array<std::string_view, 4> kShells = {"bash", "sh", "script", "system"};
  constexpr std::array<std::string_view, 16> kOther = {
      "html", "javascript", "js", "latex", "markdown", "svg",    "writefile", "file",
      "perl", "ruby",       "R",  "sql",   "bigquery", "cython", "julia",     "writetemplate"};
  if (std::ranges::find(kShells, magic) != kShells.end() || magic == "!") return Content::Shell;
  return std::ranges::find(kOther, magic) != kOther.end() ? Content::Neither : Content::Python;
}

class Assembler {
 public:
  explicit Assembler(NotebookProgram& program) : program_(program) {}

  void add_cell(const NotebookCell& cell, std::size_t index) {
    const std::string_view magic = cell_magic(cell);
    const Content content = magic.empty() ? Content::Python : content_of(magic);
    for (std::size_t i = 0; i < cell.lines.size(); ++i) {
      const NotebookProgram::Origin origin{index, i, 0};
      const std::string& text = cell.lines[i].text;
      const bool first_magic = !magic.empty() && trim(text).starts_with("%%");
      if (content == Content::Python && !first_magic) {
        python_line(text, origin);
      } else {
        if (content == Content::Shell && !first_magic) program_.escapes.push_back({origin, text, {}});
        put("", origin);
      }
    }
    // Cells are apart: what one leaves open does not run into the next.
    put("", {index, cell.lines.empty() ? 0 : cell.lines.size() - 1, 0});
  }

 private:
  void put(std::string_view text, NotebookProgram::Origin origin) {
    program_.source += text;
    program_.source += '\n';
    program_.lines.push_back(origin);
  }
  void python_line(const std::string& text, NotebookProgram::Origin origin) {
    const std::size_t indent = text.find_first_not_of(" \t");
    if (indent == std::string::npos) return put("", origin);
    const std::string_view rest = std::string_view(text).substr(indent);
    const bool magic = rest[0] == '%' && rest.size() > 1 &&
                       ((rest[1] >= 'a' && rest[1] <= 'z') || (rest[1] >= 'A' && rest[1] <= 'Z'));
    if (rest[0] == '!' || magic) {
      origin.cut = indent;
      escape(rest, origin);
      return put(std::string(indent, ' ') + "pass", origin);
    }
    if (rest[0] == '?' || rest.ends_with('?')) return put("", origin);
    // lines = !ls, frame = %sql …
    if (const std::size_t at = rest.find("= !");
        at != std::string_view::npos && at < 60 &&
        rest.substr(0, at).find_first_of("'\"(") == std::string_view::npos) {
      origin.cut = indent + at + 2;
      escape(rest.substr(at + 2), origin);
      origin.cut = 0;
      return put(text.substr(0, indent + at) + "= None", origin);
    }
    if (const std::size_t at = rest.find("= %");
        at != std::string_view::npos && at < 60 &&
        rest.substr(0, at).find_first_of("'\"(") == std::string_view::npos) {
      return put(text.substr(0, indent + at) + "= None", origin);
    }
    put(text, origin);
  }
  void escape(std::string_view text, const NotebookProgram::Origin& origin) {
    if (text[0] == '!') {
      text.remove_prefix(text.starts_with("!!") ? 2 : 1);
      program_.escapes.push_back({origin, std::string(trim(text)), {}});
      return;
    }
    const std::size_t blank = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view name = text.substr(1, blank - 1);
    const std::string argument(trim(text.substr(blank)));
    if (name == "pip" || name == "conda" || name == "mamba" || name == "uv") {
      program_.escapes.push_back({origin, std::string(name) + " " + argument, {}});
    } else if (name == "sx" || name == "system") {
      program_.escapes.push_back({origin, argument, {}});
    } else {
      program_.escapes.push_back({origin, argument, std::string(name)});
    }
  }

  NotebookProgram& program_;
};

}  // namespace

NotebookProgram program_of(const Notebook& notebook) {
  NotebookProgram program;
  Assembler assembler(program);
  for (std::size_t i = 0; i < notebook.cells.size(); ++i)
    if (notebook.cells[i].kind == NotebookCell::Kind::Code) assembler.add_cell(notebook.cells[i], i);
  return program;
}

}  // namespace bulwark::scan
