#include "model/network_factory.h"

#include <stdexcept>

#include "model/baseline/deepmedic.h"
#include "model/baseline/nnunet.h"
#include "model/baseline/unet3d.h"
#include "model/dins_network.h"
#include "model/network_kind.h"
#include "model/weights_file.h"

namespace dinsd {
namespace {

NetworkKind KindOf(const ModelManifest& manifest) {
  const std::optional<NetworkKind> kind = NetworkKindFrom(manifest.network);
  if (!kind) throw std::invalid_argument("network '" + manifest.network + "' is none of " + NetworkWords());
  return *kind;
}

// Channels that an nnU-Net sees: the image, and the guides of both polarities.
std::int64_t InputsOf(const ModelManifest& manifest) {
  return IsAutomatic(KindOf(manifest)) ? 1 : 3;
}

}  // namespace

std::vector<ParameterSpec> NetworkParameters(const ModelManifest& manifest) {
  switch (KindOf(manifest)) {
    case NetworkKind::kUnet3d:
      return Unet3dParameters(manifest.width);
    case NetworkKind::kDeepMedic:
      return DeepMedicParameters(manifest.width);
    case NetworkKind::kNnUnet:
    case NetworkKind::kNnUnetDim1:
      return NnunetParameters(manifest.width, manifest.stages, InputsOf(manifest));
    default:
      return DinsParameters(manifest.width, DimVariantOf(manifest));
  }
}

std::unique_ptr<Network> MakeNetwork(const ModelManifest& manifest, Network::Tensors tensors) {
  switch (KindOf(manifest)) {
    case NetworkKind::kUnet3d:
      return std::make_unique<Unet3d>(manifest.width, std::move(tensors));
    case NetworkKind::kDeepMedic:
      return std::make_unique<DeepMedic>(manifest.width, std::move(tensors));
    case NetworkKind::kNnUnet:
    case NetworkKind::kNnUnetDim1:
      return std::make_unique<Nnunet>(manifest.width, manifest.stages, InputsOf(manifest), std::move(tensors));
    default:
      return std::make_unique<DinsNetwork>(manifest.width, DimVariantOf(manifest), std::move(tensors));
  }
}

std::unique_ptr<Network> InitialisedNetwork(const ModelManifest& manifest, std::uint64_t seed) {
  return MakeNetwork(manifest, InitialTensors(NetworkParameters(manifest), seed));
}

}  // namespace dinsd
