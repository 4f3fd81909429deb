#include "model/network_kind.h"

#include <array>
#include <utility>

namespace dinsd {
namespace {

constexpr std::array<std::pair<std::string_view, NetworkKind>, 5> kWords = {{{"dins", NetworkKind::kDins},
                                                                             {"unet3d", NetworkKind::kUnet3d},
                                                                             {"nnunet", NetworkKind::kNnUnet},
                                                                             {"nnunet-dim1", NetworkKind::kNnUnetDim1},
                                                                             {"deepmedic", NetworkKind::kDeepMedic}}};

}  // namespace

std::string NetworkWord(NetworkKind kind) {
  for (const auto& [word, known] : kWords) {
    if (known == kind) return std::string(word);
  }
  return {};
}

std::optional<NetworkKind> NetworkKindFrom(std::string_view word) {
  for (const auto& [known, kind] : kWords) {
    if (known == word) return kind;
  }
  return std::nullopt;
}

std::string NetworkWords() {
  std::string words;
  for (const auto& [word, kind] : kWords) words.append(words.empty() ? "" : ", ").append(word);
  return words;
}

bool IsAutomatic(NetworkKind kind) {
  return kind != NetworkKind::kDins && kind != NetworkKind::kNnUnetDim1;
}

bool IsPlanned(NetworkKind kind) {
  return kind == NetworkKind::kNnUnet || kind == NetworkKind::kNnUnetDim1;
}

}  // namespace dinsd
