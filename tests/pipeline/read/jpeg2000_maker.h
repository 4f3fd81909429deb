#pragma once

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <openjpeg.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {

/// A grey image to be encoded, and how.
struct MadeJpeg2000 {
  int rows = kMadeRows, columns = kMadeColumns;
  int bits = 12;
  bool is_signed = false;
  int components = 1;
  float ratio = 0;  // 0: without loss
};

inline OPJ_SIZE_T AppendToText(void* bytes, OPJ_SIZE_T size, void* text) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
  return size;
}

/// The JPEG 2000 code stream of these samples, row by row.
inline std::string EncodeJpeg2000(const std::vector<int>& samples, const MadeJpeg2000& made = {}) {
  std::vector<opj_image_cmptparm_t> components(static_cast<std::size_t>(made.components));
  for (opj_image_cmptparm_t& component : components) {
    component = {};
    component.dx = component.dy = 1;
    component.w = static_cast<OPJ_UINT32>(made.columns);
    component.h = static_cast<OPJ_UINT32>(made.rows);
    component.prec = static_cast<OPJ_UINT32>(made.bits);
    component.sgnd = made.is_signed ? 1 : 0;
  }
  opj_image_t* image = opj_image_create(static_cast<OPJ_UINT32>(made.components), components.data(), OPJ_CLRSPC_GRAY);
  image->x1 = static_cast<OPJ_UINT32>(made.columns);
  image->y1 = static_cast<OPJ_UINT32>(made.rows);
  for (int c = 0; c < made.components; ++c) std::memcpy(image->comps[c].data, samples.data(), samples.size() * 4);
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 2;
  parameters.tcp_numlayers = 1;
  parameters.tcp_rates[0] = made.ratio;
  parameters.cp_disto_alloc = 1;
  parameters.irreversible = made.ratio > 0 ? 1 : 0;
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  opj_stream_t* stream = opj_stream_create(1U << 16, OPJ_FALSE);
  std::string bytes;
  opj_stream_set_write_function(stream, AppendToText);
  opj_stream_set_user_data(stream, &bytes, nullptr);
  const bool is_good = opj_setup_encoder(codec, &parameters, image) == OPJ_TRUE &&
                       opj_start_compress(codec, image, stream) == OPJ_TRUE && opj_encode(codec, stream) == OPJ_TRUE &&
                       opj_end_compress(codec, stream) == OPJ_TRUE;
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  if (!is_good) throw std::runtime_error("OpenJPEG cannot encode this");
  return bytes;
}

/// How the code streams of frames become fragments.
struct Fragmentation {
  bool has_table = true;
  std::size_t max_bytes = 1U << 30;  // of a fragment; even
};

/// Puts code streams in the place of PixelData.
inline void PutCodeStreams(DcmDataset& data, const std::vector<std::string>& streams, E_TransferSyntax syntax,
                           const Fragmentation& how = {}) {
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  const auto add_item = [&](const std::string& bytes) {
    auto* item = new DcmPixelItem(DcmTag(DCM_Item, EVR_OB));
    if (!bytes.empty()) item->putUint8Array(reinterpret_cast<const Uint8*>(bytes.data()), bytes.size());
    sequence->insert(item);
  };
  std::string table;
  std::vector<std::string> fragments;
  std::size_t offset = 0;
  for (std::string stream : streams) {
    if (stream.size() % 2 == 1) stream += '\0';
    for (int shift = 0; shift < 32; shift += 8) table += static_cast<char>(offset >> shift & 255U);
    for (std::size_t at = 0; at < stream.size(); at += how.max_bytes) {
      fragments.push_back(stream.substr(at, how.max_bytes));
      offset += 8 + fragments.back().size();
    }
  }
  add_item(how.has_table ? table : "");
  for (const std::string& fragment : fragments) add_item(fragment);
  auto* pixels = new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB));
  pixels->putOriginalRepresentation(syntax, nullptr, sequence);
  data.insert(pixels, true);
}

/// The samples of slice `k` of the made series.
inline std::vector<int> MadeSamples(int k, int raise = 0) {
  std::vector<int> samples;
  for (int j = 0; j < kMadeRows; ++j) {
    for (int i = 0; i < kMadeColumns; ++i) samples.push_back(MadePixel(i, j, k) + raise);
  }
  return samples;
}

/// Slice `k` of the made series with this code stream.
inline std::string Jpeg2000Slice(int k, const std::string& stream, const DicomEdit& edit = {},
                                 E_TransferSyntax syntax = EXS_JPEG2000LosslessOnly) {
  return MakeSlice(
      k,
      [&](DcmDataset& data) {
        PutCodeStreams(data, {stream}, syntax);
        if (edit) edit(data);
      },
      syntax);
}

}  // namespace dinsd
