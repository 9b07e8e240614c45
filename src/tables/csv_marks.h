#pragma once
// Where the cells and rows of a CSV text end: the part that touches every byte.
//
// 64 bytes at a time: vector comparisons give one bit per byte for quotes, delimiters and line ends; what
// stands between quotes is masked out by the parity of the quotes before it. Where quotes do not stand as RFC
// 4180 wants them, the parity means nothing, and the 64 bytes are read again one by one by the rules of
// Python's csv module: a quote within a cell that did not start with one is a character, text behind a
// closing quote belongs to the cell. So the result is that of the automaton, whatever the bytes.
//
// A row ends at LF, at CR LF, and at a CR alone.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace bulwark::tables::csv {

// Where the automaton stands between two bytes.
enum class Within : std::uint8_t {
  Start,   // of a cell
  Plain,   // a cell without quotes around it
  Quoted,  // between the quotes
  Behind   // a quote that may be the closing one
};

// Reused from piece to piece: the arrays grow with the piece.
struct Marks {
  std::size_t cell_count = 0;
  std::size_t row_count = 0;
  std::unique_ptr<std::uint32_t[]> cell_ends;  // offsets of delimiters and line ends, ascending
  std::unique_ptr<std::uint32_t[]> row_ends;   // those that end a row
  std::vector<std::uint32_t> inner_lines;      // line ends within quotes
  std::optional<std::uint32_t> stray;          // the first character behind a closing quote
  bool quotes = false;                         // there is a quote
  bool returns = false;                        // there is a CR
  bool high = false;                           // there is a byte from 0x80 on
  bool zeros = false;                          // there is a NUL

 private:
  friend class Marker;
  std::size_t capacity_ = 0;
};

// Which instructions are used; the result is the same.
enum class Lanes : std::uint8_t { Portable, Sse2, Avx2 };
[[nodiscard]] Lanes best_lanes();

// Bytes behind the end of a text that may be read (and are ignored).
inline constexpr std::size_t kPadding = 64;

class Marker {
 public:
  explicit Marker(char delimiter, Lanes lanes = best_lanes()) : delimiter_(delimiter), lanes_(lanes) {}

  // Marks `size` bytes, at most 2 GiB, which go on where the last ones ended. kPadding more bytes are
  // readable. `last`: no more text follows; otherwise a CR at the very end is left for the next call. Returns
  // how many bytes were looked at.
  std::size_t mark(const char* text, std::size_t size, bool last, Marks& marks);
  [[nodiscard]] Within within() const { return within_; }
  // The next text starts a row.
  void restart() { within_ = Within::Start; }

 private:
  char delimiter_;
  Lanes lanes_;
  Within within_ = Within::Start;
};

}  // namespace bulwark::tables::csv
