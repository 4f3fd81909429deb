#pragma once

namespace dinsd {

/// Which weights a caller takes. A baseline is for comparisons only: whoever segments a patient takes DINs alone, and
/// nobody gets another network without asking for it.
enum class TakenNetworks { kDins, kAny };

}  // namespace dinsd
