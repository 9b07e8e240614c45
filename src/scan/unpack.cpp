#include "scan/unpack.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {

bool out_of_proportion(std::uint64_t produced, std::uint64_t packed, const Limits& limits) {
  return produced >= limits.ratio_floor && produced / std::max<std::uint64_t>(packed, 1) >= limits.ratio;
}

std::uint64_t output_ceiling(std::uint64_t packed, Inspection& in) {
  const Limits& limits = in.limits();
  std::uint64_t honest = 0;
  if (__builtin_mul_overflow(packed, limits.ratio, &honest)) honest = limits.inflated_bytes;
  return std::min(in.budget().holdable(), std::max(limits.ratio_floor, honest));
}

void judge_output(std::uint64_t produced, bool cut, const Packed& packed, const Rule& bomb, Inspection& in) {
  if (auto charged = in.budget().charge_inflated(produced, packed.what); !charged) in.gap(charged.error());
  // Cut because nothing more may be held is a plain limit, unless it was out of proportion by then.
  if (!out_of_proportion(produced, packed.bytes.size(), in.limits())) return;
  in.budget().count_bomb();
  in.report(bomb, packed.offset,
            std::string(packed.what) + ": " + human_size(packed.bytes.size()) + " unpack to " +
                (cut ? "more than " : "") + human_size(produced));
}

Result<Decompressed> unpack(Codec codec, const Packed& packed, const Rule& bomb, Inspection& in) {
  TRY(in.budget().check_time(packed.what));
  const std::uint64_t ceiling = output_ceiling(packed.bytes.size(), in);
  if (ceiling == 0)
    return fail(Code::LimitReached, std::string(packed.what) + ": no memory budget is left to unpack it");
  Decompressed done = TRY(decompress(codec, packed.bytes, ceiling));
  const bool cut = done.stopped && done.stopped->code == Code::LimitReached;
  judge_output(done.bytes.size(), cut, packed, bomb, in);
  if (done.stopped) {
    const GapReason reason = done.truncated ? GapReason::Truncated : gap_reason_from(done.stopped->code);
    in.gap(reason,
           std::string(packed.what) + ": " + done.stopped->message + " (" +
               std::to_string(done.bytes.size()) + " bytes came out and were inspected)",
           {.offset = packed.offset + done.consumed});
  }
  return done;
}

Content owned_content(std::vector<std::uint8_t> bytes) {
  // Shared because slices of the content may outlive this holder.
  auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  const Bytes view(*owned);
  return {view, std::move(owned)};
}

}  // namespace bulwark::scan
