#include <gtest/gtest.h>

#include <string>

#include "scan/formats/notebook.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

constexpr std::string_view kNotebook =
    R"({"cells": [
 {"cell_type": "markdown", "source": "# T"},
 {"cell_type": "code", "execution_count": 1, "source": ["import os\n", "!pip install \"x\"\n", "a = !ls"]},
 {"cell_type": "code", "source": "%%bash\necho hi"},
 {"cell_type": "code", "source": "%%time\nb = f(\n1)\n%run c.py"}
], "metadata": {"language_info": {"name": "Python"}}, "nbformat": 4})";

TEST(Notebook, CellsAreOneProgram) {
  const auto notebook = read_notebook(kNotebook, Limits{});
  ASSERT_TRUE(notebook) << notebook.error().message;
  EXPECT_EQ(notebook->language, "python");
  const NotebookProgram program = program_of(*notebook);
  EXPECT_EQ(program.source, "import os\npass\na = None\n\n\n\n\n\nb = f(\n1)\npass\n\n");
  ASSERT_EQ(program.escapes.size(), 4U);
  EXPECT_EQ(program.escapes[0].command, "pip install \"x\"");
  EXPECT_EQ(program.escapes[1].command, "ls");
  EXPECT_EQ(program.escapes[2].command, "echo hi");
  EXPECT_EQ(program.escapes[3].magic, "run");
  EXPECT_EQ(program.lines.at(8).cell, 3U);
  EXPECT_EQ(program.lines.at(8).line, 1U);
}

TEST(Notebook, PlacesAreThoseOfTheFile) {
  const auto notebook = read_notebook(kNotebook, Limits{});
  ASSERT_TRUE(notebook);
  const NotebookLine& escape = notebook->cells[1].lines[1];
  // Behind the quote that the file writes as two characters.
  EXPECT_EQ(kNotebook.substr(offset_in_file(kNotebook, escape, 0), 4), "!pip");
  EXPECT_EQ(kNotebook.substr(offset_in_file(kNotebook, escape, 14), 2), "x\\");
  const NotebookLine& second = notebook->cells[2].lines[1];
  EXPECT_EQ(kNotebook.substr(offset_in_file(kNotebook, second, 0), 7), "echo hi");
}

TEST(Notebook, OtherJsonIsNone) {
  EXPECT_EQ(read_notebook(R"({"cells": []})", Limits{}).error().code, Code::Unsupported);
  EXPECT_EQ(read_notebook(R"({"cells": [)", Limits{}).error().code, Code::InvalidInput);
  EXPECT_FALSE(looks_like_notebook(bytes_of("{\"cells\": 1}")));
  EXPECT_TRUE(looks_like_notebook(bytes_of(kNotebook)));
}

}  // namespace
}  // namespace bulwark::scan
