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

// Calls `work` with a value of the type that the tensor holds.
template <typename Work>
auto WithTypeOf(const at::Tensor& x, const Work& work) {
  return x.scalar_type() == at::kBFloat16 ? work(c10::BFloat16()) : work(0.0F);
}

template <typename T>
std::vector<double> SumsOf(const at::Tensor& x) {  // of x and of its square
  const Shape shape = ShapeOf(x);
  const T* data = x.const_data_ptr<T>();
  return SumPairs(shape, [&](std::int64_t, std::int64_t first, std::int64_t last, double* sum) {
    for (std::int64_t v = first; v < last; ++v) {
      const T* row = data + v * shape.channels;
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        const double value = static_cast<float>(row[c]);
        sum[c] += value;
        sum[shape.channels + c] += value * value;
      }
    }
  });
}

at::Tensor Moments(const at::Tensor& x, double epsilon) {  // [2, N, C] float64: mean, 1 / sqrt(variance + epsilon)
  const Shape shape = ShapeOf(x);
  const std::vector<double> sums = WithTypeOf(x, [&](auto type) { return SumsOf<decltype(type)>(x); });
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

// Voxel after voxel in single precision: the mean, then the mean of the squared distances from it.
template <typename T>
std::vector<float> SinglePrecisionMeans(const at::Tensor& x, const std::vector<float>& from, bool is_squared) {
  const Shape shape = ShapeOf(x);
  const T* data = x.const_data_ptr<T>();
  std::vector<float> means(static_cast<std::size_t>(shape.samples * shape.channels), 0.0F);
  for (std::int64_t v = 0; v < shape.samples * shape.voxels; ++v) {
    const std::size_t first = static_cast<std::size_t>(v / shape.voxels * shape.channels);
    for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
      const float value = static_cast<float>(data[v * shape.channels + static_cast<std::int64_t>(c)]) - from[first + c];
      means[first + c] += is_squared ? value * value : value;
    }
  }
  for (float& mean : means) mean /= static_cast<float>(shape.voxels);
  return means;
}

// As Moments.
at::Tensor SinglePrecisionMoments(const at::Tensor& x, double epsilon) {
  const Shape shape = ShapeOf(x);
  const std::vector<float> zeros(static_cast<std::size_t>(shape.samples * shape.channels), 0.0F);
  const auto means = [&](const std::vector<float>& from, bool is_squared) {
    return WithTypeOf(x, [&](auto type) { return SinglePrecisionMeans<decltype(type)>(x, from, is_squared); });
  };
  const std::vector<float> mean = means(zeros, false), variance = means(mean, true);
  at::Tensor moments = at::empty({2, shape.samples, shape.channels}, at::kDouble);
  double* out = moments.mutable_data_ptr<double>();
  for (std::size_t i = 0; i < mean.size(); ++i) {
    out[i] = static_cast<double>(mean[i]);
    out[mean.size() + i] = 1 / std::sqrt(static_cast<double>(variance[i]) + epsilon);
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

template <typename T>
void ApplyRelu(const at::Tensor& x, const Affine& affine, const at::Tensor& addend, float slope, at::Tensor& y) {
  const Shape shape = ShapeOf(x);
  const T* in = x.const_data_ptr<T>();
  const T* added = addend.defined() ? addend.const_data_ptr<T>() : nullptr;
  T* out = y.mutable_data_ptr<T>();
  at::parallel_for(0, shape.samples * shape.voxels, kChunk, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t v = begin; v < end; ++v) {
      const std::int64_t at = v * shape.channels;
      const std::size_t sample = static_cast<std::size_t>(v / shape.voxels * shape.channels);
      const float* scale = &affine.scale[sample];
      const float* shift = &affine.shift[sample];
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        const float extra = added != nullptr ? static_cast<float>(added[at + c]) : 0.0F;
        const float value = scale[c] * static_cast<float>(in[at + c]) + shift[c] + extra;
        out[at + c] = std::max(0.0F, value) + slope * std::min(0.0F, value);
      }
    }
  });
}

// What the backward pass needs: x, y, the gradient of y, gamma, the moments, the slope of f below 0.
struct Saved {
  const at::Tensor &x, &y, &d_y, &gamma, &moments;
  float slope;
};

// Voxels whose values are brought to float32 together.
constexpr std::int64_t kRows = 32;

// Calls `work` with the voxels [first, last) in groups of at most kRows: the group's first voxel, its number of values,
// their x and their d = d_y f', both float32. Loops without branches over one stretch of memory are fast.
template <typename T, typename Work>
void ForRows(const Saved& saved, std::int64_t first, std::int64_t last, const Work& work) {
  const std::int64_t channels = saved.x.size(1);
  std::vector<float> x(static_cast<std::size_t>(kRows * channels)), d(x.size());
  for (std::int64_t v = first; v < last; v += kRows) {
    const std::int64_t count = (std::min(last, v + kRows) - v) * channels;
    const T* in = saved.x.const_data_ptr<T>() + v * channels;
    const T* out = saved.y.const_data_ptr<T>() + v * channels;
    const T* gradient = saved.d_y.const_data_ptr<T>() + v * channels;
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = out[i], steepness = value > 0 ? 1.0F : saved.slope;
      d[static_cast<std::size_t>(i)] = steepness * static_cast<float>(gradient[i]);
    }
    for (std::int64_t i = 0; i < count; ++i) x[static_cast<std::size_t>(i)] = in[i];
    work(v, count, x.data(), d.data());
  }
}

// Sums over voxels of d and of d n, where n = the normalised x.
template <typename T>
std::vector<double> GradientSums(const Saved& saved) {
  const Shape shape = ShapeOf(saved.x);
  const double* mean = saved.moments.const_data_ptr<double>();
  const double* inverse = mean + shape.samples * shape.channels;
  return SumPairs(shape, [&](std::int64_t sample, std::int64_t first, std::int64_t last, double* sum) {
    const double* m = mean + sample * shape.channels;
    const double* i = inverse + sample * shape.channels;
    ForRows<T>(saved, first, last, [&](std::int64_t, std::int64_t count, const float* x, const float* d) {
      for (std::int64_t at = 0; at < count; at += shape.channels) {
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          const double slope = d[at + c];
          sum[c] += slope;
          sum[shape.channels + c] += slope * (x[at + c] - m[c]) * i[c];
        }
      }
    });
  });
}

// d_x = gamma / sd (d - mean d - n mean(d n)) = a d + b x + e with constants per sample and channel.
struct InputGradientFactors {
  std::vector<float> a, b, e;
};

InputGradientFactors FactorsOf(const Saved& saved, const std::vector<double>& sums) {
  const Shape shape = ShapeOf(saved.x);
  const std::int64_t count = shape.samples * shape.channels;
  const double* mean = saved.moments.const_data_ptr<double>();
  InputGradientFactors factors;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t s = i / shape.channels;
    const std::int64_t c = i % shape.channels;
    const double inverse = mean[count + i];
    const double scale = saved.gamma.const_data_ptr<float>()[c] * inverse;
    const double mean_d =
        sums[static_cast<std::size_t>(s * 2 * shape.channels + c)] / static_cast<double>(shape.voxels);
    const double mean_dn =
        sums[static_cast<std::size_t>((s * 2 + 1) * shape.channels + c)] / static_cast<double>(shape.voxels);
    factors.a.push_back(static_cast<float>(scale));
    factors.b.push_back(static_cast<float>(-scale * mean_dn * inverse));
    factors.e.push_back(static_cast<float>(scale * (mean_dn * inverse * mean[i] - mean_d)));
  }
  return factors;
}

template <typename T>
at::Tensor InputGradient(const Saved& saved, const InputGradientFactors& factors) {
  const Shape shape = ShapeOf(saved.x);
  at::Tensor d_x = at::empty_like(saved.x, at::MemoryFormat::Preserve);
  T* result = d_x.mutable_data_ptr<T>();
  at::parallel_for(0, shape.samples * shape.voxels, kChunk, [&](std::int64_t begin, std::int64_t end) {
    ForRows<T>(saved, begin, end, [&](std::int64_t v, std::int64_t count, const float* x, const float* d) {
      T* row = result + v * shape.channels;
      for (std::int64_t at = 0; at < count; at += shape.channels) {
        const auto first = static_cast<std::size_t>((v + at / shape.channels) / shape.voxels * shape.channels);
        const float *a = &factors.a[first], *b = &factors.b[first], *e = &factors.e[first];
        for (std::int64_t c = 0; c < shape.channels; ++c) row[at + c] = a[c] * d[at + c] + b[c] * x[at + c] + e[c];
      }
    });
  });
  return d_x;
}

class FusedNormRelu : public torch::autograd::Function<FusedNormRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, const std::optional<at::Tensor>& addend, double epsilon,
                            double slope) {
    const at::Tensor moments = Moments(x, epsilon);
    const Affine affine = AffineOf(moments, gamma, beta);
    at::Tensor y = at::empty_like(x, at::MemoryFormat::Preserve);
    WithTypeOf(x, [&](auto type) {
      ApplyRelu<decltype(type)>(x, affine, addend.value_or(at::Tensor()), static_cast<float>(slope), y);
    });
    context->save_for_backward({x, y, gamma, moments});
    context->saved_data["has_addend"] = addend.has_value();
    context->saved_data["slope"] = slope;
    return y;
  }

  // d_gamma = sum d n, d_beta = sum d; the addend's gradient is d.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list kept = context->get_saved_variables();
    const at::Tensor d_y = ChannelsLast(gradients[0]);
    const auto slope = static_cast<float>(context->saved_data["slope"].toDouble());
    const Saved saved{kept[0], kept[1], d_y, kept[2], kept[3], slope};
    const std::vector<double> sums =
        WithTypeOf(saved.x, [&](auto type) { return GradientSums<decltype(type)>(saved); });
    const std::int64_t channels = saved.x.size(1);
    at::Tensor d_gamma = at::zeros_like(saved.gamma);
    at::Tensor d_beta = at::zeros_like(saved.gamma);
    for (std::int64_t i = 0; i < saved.x.size(0) * channels; ++i) {
      const std::int64_t s = i / channels;
      const std::int64_t c = i % channels;
      d_beta.mutable_data_ptr<float>()[c] += static_cast<float>(sums[static_cast<std::size_t>(s * 2 * channels + c)]);
      d_gamma.mutable_data_ptr<float>()[c] +=
          static_cast<float>(sums[static_cast<std::size_t>((s * 2 + 1) * channels + c)]);
    }
    const InputGradientFactors factors = FactorsOf(saved, sums);
    const at::Tensor d_x =
        WithTypeOf(saved.x, [&](auto type) { return InputGradient<decltype(type)>(saved, factors); });
    const bool has_addend = context->saved_data["has_addend"].toBool();
    const at::Tensor d_addend = has_addend ? at::where(saved.y > 0, d_y, d_y * slope) : at::Tensor();
    return {d_x, d_gamma, d_beta, d_addend, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor NormReluReference(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                             const at::Tensor& addend, double epsilon, double slope) {
  const at::Tensor wide = x.to(at::kDouble);
  const at::Tensor mean = wide.mean({2, 3, 4}, /*keepdim=*/true);
  const at::Tensor variance = (wide - mean).square().mean({2, 3, 4}, /*keepdim=*/true);
  const at::Tensor scale = gamma.view({1, -1, 1, 1, 1}) / (variance + epsilon).sqrt();
  at::Tensor y = ((wide - mean) * scale + beta.view({1, -1, 1, 1, 1})).to(x.scalar_type());
  if (addend.defined()) y = y + addend;
  return slope == 0 ? y.relu() : at::leaky_relu(y, slope);
}

void NormReluInPlace(at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, double epsilon, MomentSums sums) {
  const at::Tensor moments = sums == MomentSums::kExact ? Moments(x, epsilon) : SinglePrecisionMoments(x, epsilon);
  const Affine affine = AffineOf(moments, gamma, beta);
  WithTypeOf(x, [&](auto type) { ApplyRelu<decltype(type)>(x, affine, {}, 0.0F, x); });
}

at::Tensor NormReluSinglePrecision(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                   const at::Tensor& addend, double epsilon) {
  const at::Tensor in = ChannelsLast(x);
  const at::Tensor added = addend.defined() ? ChannelsLast(addend) : addend;
  const Affine affine = AffineOf(SinglePrecisionMoments(in, epsilon), gamma, beta);
  at::Tensor y = at::empty_like(in, at::MemoryFormat::Preserve);
  WithTypeOf(in, [&](auto type) { ApplyRelu<decltype(type)>(in, affine, added, 0.0F, y); });
  return y;
}

at::Tensor NormRelu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const at::Tensor& addend,
                    double epsilon, double slope) {
  if (!x.is_cpu()) return NormReluReference(x, gamma, beta, addend, epsilon, slope);
  const auto added = addend.defined() ? std::optional(ChannelsLast(addend)) : std::nullopt;
  return FusedNormRelu::apply(ChannelsLast(x), gamma, beta, added, epsilon, slope);
}

}  // namespace dinsd
