#include "scan/formats/pickle/opcodes.h"

namespace bulwark::pickle {
namespace {

struct Entry {
  Op opcode;
  OpcodeRow row;
};

constexpr Entry kEntries[] = {
    {Op::Mark, {"MARK", Argument::None, 0, 0, false}},
    {Op::Stop, {"STOP", Argument::None, 1, 0, false}},
    {Op::Pop, {"POP", Argument::None, 1, 0, false}},
    {Op::PopMark, {"POP_MARK", Argument::None, 0, 0, true}},
    {Op::Dup, {"DUP", Argument::None, 1, 2, false}},
    {Op::Float, {"FLOAT", Argument::Line, 0, 1, false}},
    {Op::Int, {"INT", Argument::Line, 0, 1, false}},
    {Op::BinInt, {"BININT", Argument::Fixed4, 0, 1, false}},
    {Op::BinInt1, {"BININT1", Argument::Fixed1, 0, 1, false}},
    {Op::Long, {"LONG", Argument::Line, 0, 1, false}},
    {Op::BinInt2, {"BININT2", Argument::Fixed2, 0, 1, false}},
    {Op::None, {"NONE", Argument::None, 0, 1, false}},
    {Op::PersId, {"PERSID", Argument::Line, 0, 1, false}},
    {Op::BinPersId, {"BINPERSID", Argument::None, 1, 1, false}},
    {Op::Reduce, {"REDUCE", Argument::None, 2, 1, false}},
    {Op::String, {"STRING", Argument::Line, 0, 1, false}},
    {Op::BinString, {"BINSTRING", Argument::Counted4, 0, 1, false}},
    {Op::ShortBinString, {"SHORT_BINSTRING", Argument::Counted1, 0, 1, false}},
    {Op::Unicode, {"UNICODE", Argument::Line, 0, 1, false}},
    {Op::BinUnicode, {"BINUNICODE", Argument::Counted4, 0, 1, false}},
    {Op::Append, {"APPEND", Argument::None, 2, 1, false}},
    {Op::Build, {"BUILD", Argument::None, 2, 1, false}},
    {Op::Global, {"GLOBAL", Argument::Lines, 0, 1, false}},
    {Op::Dict, {"DICT", Argument::None, 0, 1, true}},
    {Op::EmptyDict, {"EMPTY_DICT", Argument::None, 0, 1, false}},
    {Op::Appends, {"APPENDS", Argument::None, 1, 1, true}},
    {Op::Get, {"GET", Argument::Line, 0, 1, false}},
    {Op::BinGet, {"BINGET", Argument::Fixed1, 0, 1, false}},
    {Op::Inst, {"INST", Argument::Lines, 0, 1, true}},
    {Op::LongBinGet, {"LONG_BINGET", Argument::Fixed4, 0, 1, false}},
    {Op::List, {"LIST", Argument::None, 0, 1, true}},
    {Op::EmptyList, {"EMPTY_LIST", Argument::None, 0, 1, false}},
    {Op::Obj, {"OBJ", Argument::None, 0, 1, true}},
    {Op::Put, {"PUT", Argument::Line, 1, 1, false}},
    {Op::BinPut, {"BINPUT", Argument::Fixed1, 1, 1, false}},
    {Op::LongBinPut, {"LONG_BINPUT", Argument::Fixed4, 1, 1, false}},
    {Op::SetItem, {"SETITEM", Argument::None, 3, 1, false}},
    {Op::Tuple, {"TUPLE", Argument::None, 0, 1, true}},
    {Op::EmptyTuple, {"EMPTY_TUPLE", Argument::None, 0, 1, false}},
    {Op::SetItems, {"SETITEMS", Argument::None, 1, 1, true}},
    {Op::BinFloat, {"BINFLOAT", Argument::Fixed8, 0, 1, false}},
    {Op::BinBytes, {"BINBYTES", Argument::Counted4, 0, 1, false}},
    {Op::ShortBinBytes, {"SHORT_BINBYTES", Argument::Counted1, 0, 1, false}},
    {Op::Proto, {"PROTO", Argument::Fixed1, 0, 0, false}},
    {Op::NewObj, {"NEWOBJ", Argument::None, 2, 1, false}},
    {Op::Ext1, {"EXT1", Argument::Fixed1, 0, 1, false}},
    {Op::Ext2, {"EXT2", Argument::Fixed2, 0, 1, false}},
    {Op::Ext4, {"EXT4", Argument::Fixed4, 0, 1, false}},
    {Op::Tuple1, {"TUPLE1", Argument::None, 1, 1, false}},
    {Op::Tuple2, {"TUPLE2", Argument::None, 2, 1, false}},
    {Op::Tuple3, {"TUPLE3", Argument::None, 3, 1, false}},
    {Op::NewTrue, {"NEWTRUE", Argument::None, 0, 1, false}},
    {Op::NewFalse, {"NEWFALSE", Argument::None, 0, 1, false}},
    {Op::Long1, {"LONG1", Argument::Counted1, 0, 1, false}},
    {Op::Long4, {"LONG4", Argument::Counted4, 0, 1, false}},
    {Op::ShortBinUnicode, {"SHORT_BINUNICODE", Argument::Counted1, 0, 1, false}},
    {Op::BinUnicode8, {"BINUNICODE8", Argument::Counted8, 0, 1, false}},
    {Op::BinBytes8, {"BINBYTES8", Argument::Counted8, 0, 1, false}},
    {Op::EmptySet, {"EMPTY_SET", Argument::None, 0, 1, false}},
    {Op::AddItems, {"ADDITEMS", Argument::None, 1, 1, true}},
    {Op::FrozenSet, {"FROZENSET", Argument::None, 0, 1, true}},
    {Op::NewObjEx, {"NEWOBJ_EX", Argument::None, 3, 1, false}},
    {Op::StackGlobal, {"STACK_GLOBAL", Argument::None, 2, 1, false}},
    {Op::Memoize, {"MEMOIZE", Argument::None, 1, 1, false}},
    {Op::Frame, {"FRAME", Argument::Fixed8, 0, 0, false}},
    {Op::ByteArray8, {"BYTEARRAY8", Argument::Counted8, 0, 1, false}},
    {Op::NextBuffer, {"NEXT_BUFFER", Argument::None, 0, 1, false}},
    {Op::ReadonlyBuffer, {"READONLY_BUFFER", Argument::None, 1, 1, false}},
};

constexpr std::array<OpcodeRow, 256> all_rows() {
  std::array<OpcodeRow, 256> rows{};
  for (const Entry& entry : kEntries) rows[static_cast<std::uint8_t>(entry.opcode)] = entry.row;
  return rows;
}

}  // namespace

constexpr std::array<OpcodeRow, 256> kOpcodes = all_rows();

}  // namespace bulwark::pickle
