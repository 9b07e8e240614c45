#pragma once
// The opcodes of the pickle virtual machine, protocols 0 to 5, as CPython's Modules/_pickle.c dispatches
// them.

#include <array>
#include <cstdint>
#include <string_view>

namespace bulwark::pickle {

enum class Op : std::uint8_t {
  Mark = '(',
  Stop = '.',
  Pop = '0',
  PopMark = '1',
  Dup = '2',
  Float = 'F',
  Int = 'I',
  BinInt = 'J',
  BinInt1 = 'K',
  Long = 'L',
  BinInt2 = 'M',
  None = 'N',
  PersId = 'P',
  BinPersId = 'Q',
  Reduce = 'R',
  String = 'S',
  BinString = 'T',
  ShortBinString = 'U',
  Unicode = 'V',
  BinUnicode = 'X',
  Append = 'a',
  Build = 'b',
  Global = 'c',
  Dict = 'd',
  EmptyDict = '}',
  Appends = 'e',
  Get = 'g',
  BinGet = 'h',
  Inst = 'i',
  LongBinGet = 'j',
  List = 'l',
  EmptyList = ']',
  Obj = 'o',
  Put = 'p',
  BinPut = 'q',
  LongBinPut = 'r',
  SetItem = 's',
  Tuple = 't',
  EmptyTuple = ')',
  SetItems = 'u',
  BinFloat = 'G',
  BinBytes = 'B',
  ShortBinBytes = 'C',
  Proto = 0x80,
  NewObj = 0x81,
  Ext1 = 0x82,
  Ext2 = 0x83,
  Ext4 = 0x84,
  Tuple1 = 0x85,
  Tuple2 = 0x86,
  Tuple3 = 0x87,
  NewTrue = 0x88,
  NewFalse = 0x89,
  Long1 = 0x8A,
  Long4 = 0x8B,
  ShortBinUnicode = 0x8C,
  BinUnicode8 = 0x8D,
  BinBytes8 = 0x8E,
  EmptySet = 0x8F,
  AddItems = 0x90,
  FrozenSet = 0x91,
  NewObjEx = 0x92,
  StackGlobal = 0x93,
  Memoize = 0x94,
  Frame = 0x95,
  ByteArray8 = 0x96,
  NextBuffer = 0x97,
  ReadonlyBuffer = 0x98,
};

// What follows the opcode byte.
enum class Argument : std::uint8_t {
  Unknown,  // no such opcode
  None,
  Fixed1,
  Fixed2,
  Fixed4,
  Fixed8,
  Counted1,  // a little-endian count of 1, 4 or 8 bytes, then that many bytes
  Counted4,
  Counted8,
  Line,   // up to and with a line feed
  Lines,  // two of them
};

struct OpcodeRow {
  std::string_view name = {};  // as pickletools prints it; empty: no such opcode
  Argument argument = Argument::Unknown;
  std::uint8_t pops = 0;  // cells needed on the stack; mark-taking opcodes count what lies below the mark
  std::uint8_t pushes = 0;
  bool takes_mark = false;  // removes everything down to the topmost mark
};

extern const std::array<OpcodeRow, 256> kOpcodes;

[[nodiscard]] inline const OpcodeRow& row_of(std::uint8_t opcode) {
  return kOpcodes[opcode];
}
[[nodiscard]] inline const OpcodeRow& row_of(Op opcode) {
  return kOpcodes[static_cast<std::uint8_t>(opcode)];
}

}  // namespace bulwark::pickle
