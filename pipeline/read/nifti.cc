#include "pipeline/read/nifti.h"

#include <vector>

#include "pipeline/read/inflate.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/nifti_header.h"

namespace dinsd {
namespace {

constexpr std::size_t kSlack = 64 * 1024;  // so far what is too much is counted
constexpr char kTruncated[] = "NIFTI_TRUNCATED";

// `is_cut`: nobody counted further.
void CheckPromise(std::size_t size, const NiftiHeader& header, const std::string& file, bool is_cut = false) {
  const std::size_t promised = header.PromisedBytes();
  if (size == promised) return;
  throw InputError(
      size < promised ? kTruncated : "LIMIT_EXCEEDED", file, "",
      (is_cut ? "at least " : "") + std::to_string(size) + " bytes, its header promises " + std::to_string(promised));
}

Volume ReadPlain(std::span<const std::byte> bytes, const NiftiHeader& header, const std::string& file) {
  CheckPromise(bytes.size(), header, file);
  Volume volume{header.grid,
                DecodeVoxels(bytes.subspan(header.voxel_offset), header.encoding, header.grid.SizeZyx().VoxelCount())};
  CheckFinite(volume.voxels, file, "NIFTI_NOT_FINITE");
  return volume;
}

}  // namespace

Volume ReadNifti(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  if (bytes.size() > limits.max_file_bytes) {
    throw InputError("LIMIT_EXCEEDED", file, "",
                     std::to_string(bytes.size()) + " bytes, " + std::to_string(limits.max_file_bytes) + " allowed");
  }
  if (!IsGzip(bytes)) return ReadPlain(bytes, ParseNiftiHeader(bytes, file, limits), file);
  InflateStream stream(bytes, kTruncated, file);
  std::vector<std::byte> plain;
  stream.Take(kNiftiHeaderBytes, plain);
  const NiftiHeader header = ParseNiftiHeader(plain, file, limits);
  const std::size_t allowed = header.PromisedBytes() + kSlack;
  stream.Take(allowed - plain.size(), plain);
  CheckPromise(plain.size(), header, file, plain.size() == allowed);
  return ReadPlain(plain, header, file);
}

GridGeometry ReadNiftiGrid(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  if (!IsGzip(bytes)) {
    const NiftiHeader header = ParseNiftiHeader(bytes, file, limits);
    CheckPromise(bytes.size(), header, file);
    return header.grid;
  }
  InflateStream stream(bytes, kTruncated, file);
  std::vector<std::byte> begin;
  stream.Take(kNiftiHeaderBytes, begin);
  const NiftiHeader header = ParseNiftiHeader(begin, file, limits);
  const std::size_t allowed = header.PromisedBytes() + kSlack;
  const std::size_t size = begin.size() + stream.Skip(allowed - begin.size());
  CheckPromise(size, header, file, size == allowed);
  return header.grid;
}

}  // namespace dinsd
