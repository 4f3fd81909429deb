#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dinsd {

/// The networks that can be trained: DINs, and the learned baselines that experiments hold it against.
enum class NetworkKind {
  kDins,        // "dins"
  kUnet3d,      // "unet3d": 3D U-Net (Cicek et al., MICCAI 2016)
  kNnUnet,      // "nnunet": nnU-Net's plain 3D configuration (Isensee et al., Nature Methods 2021)
  kNnUnetDim1,  // "nnunet-dim1": the same with the guides beside the image at its input (DIM output 1)
  kDeepMedic,   // "deepmedic": two pathways (Kamnitsas et al., Medical Image Analysis 2017)
};

/// The word of a manifest and of a training.
[[nodiscard]] std::string NetworkWord(NetworkKind kind);

/// The network that a word names; nothing for any other word.
[[nodiscard]] std::optional<NetworkKind> NetworkKindFrom(std::string_view word);

/// All words, for a sentence.
[[nodiscard]] std::string NetworkWords();

/// A network that sees no clicks: 3D U-Net, nnU-Net and DeepMedic.
[[nodiscard]] bool IsAutomatic(NetworkKind kind);

/// A network whose stages follow from a plan: nnU-Net, with or without guides.
[[nodiscard]] bool IsPlanned(NetworkKind kind);

}  // namespace dinsd
