#include "pipeline/read/jpeg2000.h"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace dinsd {
namespace {

constexpr OPJ_SIZE_T kEnd = std::numeric_limits<OPJ_SIZE_T>::max();  // what OpenJPEG takes for the end of a stream

// The bytes that OpenJPEG reads, and how far it is.
struct Source {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T Read(void* buffer, OPJ_SIZE_T size, void* user) {
  auto& source = *static_cast<Source*>(user);
  const std::size_t count = std::min<std::size_t>(size, source.bytes.size() - source.at);
  if (count == 0) return kEnd;
  std::memcpy(buffer, source.bytes.data() + source.at, count);
  source.at += count;
  return count;
}

OPJ_OFF_T Skip(OPJ_OFF_T size, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (size < 0) return -1;
  const std::size_t count = std::min(static_cast<std::size_t>(size), source.bytes.size() - source.at);
  source.at += count;
  return count == 0 && size > 0 ? -1 : static_cast<OPJ_OFF_T>(count);
}

OPJ_BOOL Seek(OPJ_OFF_T place, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (place < 0 || static_cast<std::size_t>(place) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::size_t>(place);
  return OPJ_TRUE;
}

using Stream = std::unique_ptr<opj_stream_t, decltype([](opj_stream_t* stream) { opj_stream_destroy(stream); })>;
using Codec = std::unique_ptr<opj_codec_t, decltype([](opj_codec_t* codec) { opj_destroy_codec(codec); })>;
using Image = std::unique_ptr<opj_image_t, decltype([](opj_image_t* image) { opj_image_destroy(image); })>;

Stream StreamOf(Source& source) {
  Stream stream(opj_stream_create(1U << 16, OPJ_TRUE));
  if (!stream) throw std::bad_alloc();
  opj_stream_set_read_function(stream.get(), Read);
  opj_stream_set_skip_function(stream.get(), Skip);
  opj_stream_set_seek_function(stream.get(), Seek);
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  return stream;
}

// Truncated code streams are errors, not images with a grey end.
Codec StrictCodec() {
  Codec codec(opj_create_decompress(OPJ_CODEC_J2K));
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  const bool is_ready = codec && opj_setup_decoder(codec.get(), &parameters) == OPJ_TRUE &&
                        opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) == OPJ_TRUE;
  if (!is_ready) throw std::runtime_error("OpenJPEG's decoder cannot be set up");
  return codec;
}

// Width and height of what is decoded; the library keeps both within 31 bits.
void CheckHeader(const opj_image_t& image, const Jpeg2000Image& expected) {
  if (image.numcomps != 1) {
    throw std::runtime_error("its code stream holds " + std::to_string(image.numcomps) + " components, 1 expected");
  }
  const opj_image_comp_t& grey = image.comps[0];
  const bool is_whole = grey.dx == 1 && grey.dy == 1 && grey.factor == 0 && image.x1 > image.x0 && image.y1 > image.y0;
  if (!is_whole || image.x1 - image.x0 != static_cast<OPJ_UINT32>(expected.columns) ||
      image.y1 - image.y0 != static_cast<OPJ_UINT32>(expected.rows)) {
    throw std::runtime_error("its code stream is not of " + std::to_string(expected.rows) + " x " +
                             std::to_string(expected.columns) + " pixels");
  }
  if (grey.prec < 1 || grey.prec > static_cast<OPJ_UINT32>(expected.max_bits)) {
    throw std::runtime_error("its code stream has " + std::to_string(grey.prec) + " bits a pixel, at most " +
                             std::to_string(expected.max_bits) + " fit");
  }
  if ((grey.sgnd != 0) != expected.is_signed) {
    throw std::runtime_error("its code stream and PixelRepresentation disagree about values below 0");
  }
}

}  // namespace

std::vector<std::int32_t> DecodeJpeg2000(std::span<const std::byte> code_stream, const Jpeg2000Image& expected) {
  Source source{code_stream};
  const Stream stream = StreamOf(source);
  const Codec codec = StrictCodec();
  opj_image_t* read = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &read) == OPJ_TRUE && read != nullptr;
  const Image image(read);
  if (!has_header) throw std::runtime_error("its code stream has no header of JPEG 2000");
  CheckHeader(*image, expected);
  if (opj_decode(codec.get(), stream.get(), image.get()) != OPJ_TRUE ||
      opj_end_decompress(codec.get(), stream.get()) != OPJ_TRUE) {
    throw std::runtime_error("its code stream is broken or truncated");
  }
  const opj_image_comp_t& grey = image->comps[0];
  const std::size_t count = static_cast<std::size_t>(expected.rows) * static_cast<std::size_t>(expected.columns);
  if (grey.data == nullptr || static_cast<std::size_t>(grey.w) * grey.h != count) {
    throw std::runtime_error("its code stream decodes to another number of pixels");
  }
  return {grey.data, grey.data + count};
}

}  // namespace dinsd
