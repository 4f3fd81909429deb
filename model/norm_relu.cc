#include "model/norm_relu.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace dinsd {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Voxels per chunk of a sum. Fixed, so that sums do not depend on the number of threads.
constexpr std::int64_t kChunk = 4096;

struct Shape {
  std::int64_t samples;
  std::int64_t channels;
  std::int64_t voxels;
};

Shape ShapeOf(const at::Tensor& x) {
  return {x.size(0), x.size(1), x.size(2) * x.size(3) * x.size(4)};
}

at::Tensor ChannelsLast(const at::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast3d);
}

// sums[s * 2C + c] and sums[s * 2C + C + c] = sums over voxels of two quantities that `add` accumulates voxel by voxel.
template <typename AddRow>
std::vector<double> SumPairs(const Shape& shape, const AddRow& add) {
  const std::int64_t width = 2 * shape.channels;
  const std::int64_t chunks = (shape.voxels + kChunk - 1) / kChunk;
  std::vector<double> partial(static_cast<std::size_t>(shape.samples * chunks * width), 0.0);
  at::parallel_for(0, shape.samples * chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t first = job / chunks * shape.voxels + job % chunks * kChunk;
      const std::int64_t last = job / chunks * shape.voxels + std::min(shape.voxels, (job % chunks + 1) * kChunk);
      add(job / chunks, first, last, &partial[static_cast<std::size_t>(job * width)]);
    }
  });
  std::vector<double> sums(static_cast<std::size_t>(shape.samples * width), 0.0);
  for (std::int64_t job = 0; job < shape.samples * chunks; ++job) {
    for (std::int64_t c = 0; c < width; ++c) {
      sums[static_cast<std::size_t>(job / chunks * width + c)] += partial[static_cast<std::size_t>(job * width + c)];
    }
  }
  return sums;
}

// Per sample and channel: y = scale * x + shift.
struct Affine {
  std::vector<float> scale;
  std::vector<float> shift;
};

at::Tensor Moments(const at::Tensor& x, double epsilon) {  // [2, N, C] float64: mean, 1 / sqrt(variance + epsilon)
  const Shape shape = ShapeOf(x);
  const float* data = x.const_data_ptr<float>();
  const std::vector<double> sums =
      SumPairs(shape, [&](std::int64_t, std::int64_t first, std::int64_t last, double* sum) {
        for (std::int64_t v = first; v < last; ++v) {
          const float* row = data + v * shape.channels;
          for (std::int64_t c = 0; c < shape.channels; ++c) {
            const double value = row[c];
            sum[c] += value;
            sum[shape.channels + c] += value * value;
          }
        }
      });
  at::Tensor moments = at::empty({2, shape.samples, shape.channels}, at::kDouble);
  double* out = moments.mutable_data_ptr<double>();
  const auto count = static_cast<double>(shape.voxels);
  for (std::int64_t s = 0; s < shape.samples; ++s) {
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      const double* pair = &sums[static_cast<std::size_t>(s * 2 * shape.channels)];
      const double mean = pair[c] / count;
      const double variance = std::max(0.0, pair[shape.channels + c] / count - mean * mean);
      out[s * shape.channels + c] = mean;
      out[(shape.samples + s) * shape.channels + c] = 1 / std::sqrt(variance + epsilon);
    }
  }
  return moments;
}

Affine AffineOf(const at::Tensor& moments, const at::Tensor& gamma, const at::Tensor& beta) {
  const std::int64_t count = moments.size(1) * moments.size(2);
  const std::int64_t channels = moments.size(2);
  const double* mean = moments.const_data_ptr<double>();
  const double* inverse = mean + count;
  Affine affine{std::vector<float>(static_cast<std::size_t>(count)),
                std::vector<float>(static_cast<std::size_t>(count))};
  for (std::int64_t i = 0; i < count; ++i) {
    const double g = gamma.const_data_ptr<float>()[i % channels];
    const double b = beta.const_data_ptr<float>()[i % channels];
    affine.scale[static_cast<std::size_t>(i)] = static_cast<float>(g * inverse[i]);
    affine.shift[static_cast<std::size_t>(i)] = static_cast<float>(b - g * inverse[i] * mean[i]);
  }
  return affine;
}

at::Tensor ApplyRelu(const at::Tensor& x, const Affine& affine, const at::Tensor& addend) {
  const Shape shape = ShapeOf(x);
  at::Tensor y = at::empty_like(x, at::MemoryFormat::Preserve);
  const float* in = x.const_data_ptr<float>();
  const float* added = addend.defined() ? addend.const_data_ptr<float>() : nullptr;
  float* out = y.mutable_data_ptr<float>();
  at::parallel_for(0, shape.samples * shape.voxels, kChunk, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t v = begin; v < end; ++v) {
      const std::int64_t at = v * shape.channels;
      const std::size_t sample = static_cast<std::size_t>(v / shape.voxels * shape.channels);
      const float* scale = &affine.scale[sample];
      const float* shift = &affine.shift[sample];
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        const float value = scale[c] * in[at + c] + shift[c] + (added != nullptr ? added[at + c] : 0.0F);
        out[at + c] = std::max(0.0F, value);
      }
    }
  });
  return y;
}

class FusedNormRelu : public torch::autograd::Function<FusedNormRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, const std::optional<at::Tensor>& addend, double epsilon) {
    const at::Tensor moments = Moments(x, epsilon);
    const at::Tensor y = ApplyRelu(x, AffineOf(moments, gamma, beta), addend.value_or(at::Tensor()));
    context->save_for_backward({x, y, gamma, moments});
    context->saved_data["has_addend"] = addend.has_value();
    return y;
  }

  // With d = dy where y > 0 and n = the normalised x: d_gamma = sum d n, d_beta = sum d,
  // d_x = gamma / sd (d - mean d - n mean(d n)).
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &y = saved[1], &gamma = saved[2], &moments = saved[3];
    const at::Tensor d = ChannelsLast(gradients[0] * (y > 0));
    const Shape shape = ShapeOf(x);
    const std::vector<double> sums = GradientSums(x, d, moments);
    at::Tensor d_gamma = at::zeros_like(gamma);
    at::Tensor d_beta = at::zeros_like(gamma);
    for (std::int64_t i = 0; i < shape.samples * shape.channels; ++i) {
      const std::int64_t s = i / shape.channels;
      const std::int64_t c = i % shape.channels;
      d_beta.mutable_data_ptr<float>()[c] +=
          static_cast<float>(sums[static_cast<std::size_t>(s * 2 * shape.channels + c)]);
      d_gamma.mutable_data_ptr<float>()[c] +=
          static_cast<float>(sums[static_cast<std::size_t>((s * 2 + 1) * shape.channels + c)]);
    }
    const at::Tensor d_x = InputGradient(x, d, gamma, moments, sums);
    return {d_x, d_gamma, d_beta, context->saved_data["has_addend"].toBool() ? d : at::Tensor(), at::Tensor()};
  }

 private:
  static std::vector<double> GradientSums(const at::Tensor& x, const at::Tensor& d, const at::Tensor& moments) {
    const Shape shape = ShapeOf(x);
    const float* in = x.const_data_ptr<float>();
    const float* gradient = d.const_data_ptr<float>();
    const double* mean = moments.const_data_ptr<double>();
    const double* inverse = mean + shape.samples * shape.channels;
    return SumPairs(shape, [&](std::int64_t sample, std::int64_t first, std::int64_t last, double* sum) {
      const double* m = mean + sample * shape.channels;
      const double* i = inverse + sample * shape.channels;
      for (std::int64_t v = first; v < last; ++v) {
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          const double g = gradient[v * shape.channels + c];
          sum[c] += g;
          sum[shape.channels + c] += g * (in[v * shape.channels + c] - m[c]) * i[c];
        }
      }
    });
  }

  static at::Tensor InputGradient(const at::Tensor& x, const at::Tensor& d, const at::Tensor& gamma,
                                  const at::Tensor& moments, const std::vector<double>& sums) {
    const Shape shape = ShapeOf(x);
    const std::int64_t count = shape.samples * shape.channels;
    const double* mean = moments.const_data_ptr<double>();
    // d_x = a d + b x + e with per-channel constants.
    std::vector<float> a(static_cast<std::size_t>(count)), b(a.size()), e(a.size());
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t s = i / shape.channels;
      const std::int64_t c = i % shape.channels;
      const double inverse = mean[count + i];
      const double scale = gamma.const_data_ptr<float>()[c] * inverse;
      const double mean_d =
          sums[static_cast<std::size_t>(s * 2 * shape.channels + c)] / static_cast<double>(shape.voxels);
      const double mean_dn =
          sums[static_cast<std::size_t>((s * 2 + 1) * shape.channels + c)] / static_cast<double>(shape.voxels);
      a[static_cast<std::size_t>(i)] = static_cast<float>(scale);
      b[static_cast<std::size_t>(i)] = static_cast<float>(-scale * mean_dn * inverse);
      e[static_cast<std::size_t>(i)] = static_cast<float>(scale * (mean_dn * inverse * mean[i] - mean_d));
    }
    at::Tensor d_x = at::empty_like(x, at::MemoryFormat::Preserve);
    const float* in = x.const_data_ptr<float>();
    const float* gradient = d.const_data_ptr<float>();
    float* out = d_x.mutable_data_ptr<float>();
    at::parallel_for(0, shape.samples * shape.voxels, kChunk, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t v = begin; v < end; ++v) {
        const std::size_t first = static_cast<std::size_t>(v / shape.voxels * shape.channels);
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          const std::int64_t at = v * shape.channels + c;
          const std::size_t k = first + static_cast<std::size_t>(c);
          out[at] = a[k] * gradient[at] + b[k] * in[at] + e[k];
        }
      }
    });
    return d_x;
  }
};

}  // namespace

at::Tensor NormReluReference(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                             const at::Tensor& addend, double epsilon) {
  const at::Tensor wide = x.to(at::kDouble);
  const at::Tensor mean = wide.mean({2, 3, 4}, /*keepdim=*/true);
  const at::Tensor variance = (wide - mean).square().mean({2, 3, 4}, /*keepdim=*/true);
  const at::Tensor scale = gamma.view({1, -1, 1, 1, 1}) / (variance + epsilon).sqrt();
  at::Tensor y = ((wide - mean) * scale + beta.view({1, -1, 1, 1, 1})).to(at::kFloat);
  if (addend.defined()) y = y + addend;
  return y.relu();
}

at::Tensor NormRelu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const at::Tensor& addend,
                    double epsilon) {
  if (!x.is_cpu()) return NormReluReference(x, gamma, beta, addend, epsilon);
  const auto added = addend.defined() ? std::optional(ChannelsLast(addend)) : std::nullopt;
  return FusedNormRelu::apply(ChannelsLast(x), gamma, beta, added, epsilon);
}

}  // namespace dinsd
