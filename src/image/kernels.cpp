#include "image/kernels.hpp"

#include <algorithm>
#include <cstring>

#include "base/clones.hpp"

namespace perch::image::kernels {

namespace {

using Float4 [[gnu::vector_size(16)]] = float;

Float4 load(const float* from) {
  Float4 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void store(float* to, Float4 value) {
  std::memcpy(to, &value, sizeof value);
}

Float4 all(float value) {
  return Float4{value, value, value, value};
}

/// A finite or infinite or undefined number → the nearest byte.
std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(value > 0 ? (value < 255 ? value + 0.5F : 255.0F) : 0.0F);
}

template <class T>
T to_element(float value) {
  if constexpr (std::is_same_v<T, float>)
    return value;
  else
    return to_byte(value);
}

float grey_of(const float* pixel) {
  return 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
}

PERCH_CLONES void blend_one(const std::uint8_t* a, int count, float* __restrict out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<float>(a[i]);
}

PERCH_CLONES void blend_two(const std::uint8_t* a, const std::uint8_t* b, float wa, float wb, int count,
                            float* __restrict out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<float>(a[i]) * wa + static_cast<float>(b[i]) * wb;
}

PERCH_CLONES void blend_more(const std::uint8_t* a, const std::uint8_t* b, float wa, float wb, int count,
                             float* __restrict out) {
  for (int i = 0; i < count; ++i) out[i] += static_cast<float>(a[i]) * wa + static_cast<float>(b[i]) * wb;
}

/// Three channels; `Taps` 0 takes the number from the table.
template <int Taps>
void gather_colour(const float* row, const AxisTable& columns, float* line) {
  const int taps = Taps == 0 ? columns.taps : Taps;
  const std::size_t count = columns.start.size();
  const int* const start = columns.start.data();
  const float* weights = columns.weights.data();
  for (std::size_t i = 0; i < count; ++i, weights += taps, line += 4) {
    const float* from = row + std::ptrdiff_t{start[i]} * 3;
    Float4 sum = load(from) * all(weights[0]);
    for (int k = 1; k < taps; ++k) sum += load(from + std::ptrdiff_t{k} * 3) * all(weights[k]);
    store(line, sum);
  }
}

void gather_grey(const float* row, const AxisTable& columns, float* line) {
  const float* weights = columns.weights.data();
  for (const int start : columns.start) {
    float sum = 0;
    for (int k = 0; k < columns.taps; ++k) sum += row[start + k] * weights[k];
    store(line, all(sum));
    weights += columns.taps;
    line += 4;
  }
}

template <class T>
void pick_any(const T* row, int channels, const AxisTable& columns, float* line) {
  const int step = channels == 1 ? 0 : 1;
  for (const int start : columns.start) {
    const T* const from = row + std::ptrdiff_t{start} * channels;
    for (int c = 0; c < 3; ++c) line[c] = static_cast<float>(from[c * step]);
    line += 4;
  }
}

PERCH_CLONES void round_all(float* numbers, int count) {
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): none is negative, and this way a vector of them is rounded at once
  for (int i = 0; i < count; ++i) numbers[i] = static_cast<float>(static_cast<int>(numbers[i] + 0.5F));
}

/// One plane of a tensor, and how its values are normalised.
struct Plane {
  float* at;
  float gain, bias;
};

/// Transposes four pixels at a time into three planes.
PERCH_CLONES void put_planes(const float* line, int count, Plane red, Plane green, Plane blue) {
  int i = 0;
  for (; i + 4 <= count; i += 4, line += 16) {
    const Float4 a = load(line), b = load(line + 4), c = load(line + 8), d = load(line + 12);
    const Float4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Float4 ab_blue = __builtin_shufflevector(a, b, 2, 6, 2, 6);
    const Float4 cd_blue = __builtin_shufflevector(c, d, 2, 6, 2, 6);
    store(red.at + i, __builtin_shufflevector(ab, cd, 0, 1, 4, 5) * all(red.gain) + all(red.bias));
    store(green.at + i, __builtin_shufflevector(ab, cd, 2, 3, 6, 7) * all(green.gain) + all(green.bias));
    store(blue.at + i, __builtin_shufflevector(ab_blue, cd_blue, 0, 1, 4, 5) * all(blue.gain) + all(blue.bias));
  }
  for (; i < count; ++i, line += 4) {
    red.at[i] = line[0] * red.gain + red.bias;
    green.at[i] = line[1] * green.gain + green.bias;
    blue.at[i] = line[2] * blue.gain + blue.bias;
  }
}

}  // namespace

void blend_rows(const std::uint8_t* first, std::ptrdiff_t stride, const float* weights, int taps, int count,
                float* out) {
  if (taps == 1) return blend_one(first, count, out);
  blend_two(first, first + stride, weights[0], weights[1], count, out);
  int tap = 2;
  for (; tap + 1 < taps; tap += 2) {
    const std::uint8_t* const row = first + tap * stride;
    blend_more(row, row + stride, weights[tap], weights[tap + 1], count, out);
  }
  if (tap < taps) blend_more(first + tap * stride, first + tap * stride, weights[tap], 0, count, out);
}

void blend_rows(const float* first, std::ptrdiff_t stride, const float* weights, int taps, int count, float* out) {
  for (int i = 0; i < count; ++i) {
    float sum = first[i] * weights[0];
    for (int tap = 1; tap < taps; ++tap) sum += first[tap * stride + i] * weights[tap];
    out[i] = sum;
  }
}

void gather(const float* row, int channels, const AxisTable& columns, float* line) {
  if (channels == 1) return gather_grey(row, columns, line);
  if (columns.taps == 1) return gather_colour<1>(row, columns, line);
  if (columns.taps == 2) return gather_colour<2>(row, columns, line);
  gather_colour<0>(row, columns, line);
}

void pick(const std::uint8_t* row, int channels, const AxisTable& columns, float* line) {
  pick_any(row, channels, columns, line);
}

void pick(const float* row, int channels, const AxisTable& columns, float* line) {
  pick_any(row, channels, columns, line);
}

void round_pixels(float* line, int count) {
  round_all(line, count * 4);
}

Target::Target(std::byte* tensor, const TensorFormat& format) : tensor_(tensor), format_(&format) {
  for (std::size_t c = 0; c < 3; ++c) {
    gain_[c] = format.scale / format.std[c];
    bias_[c] = -format.mean[c] / format.std[c];
  }
}

void Target::put(const float* line, int count, int x, int y) const {
  if (format_->element == Element::f32)
    put_as<float>(line, count, x, y);
  else
    put_as<std::uint8_t>(line, count, x, y);
}

template <class T>
void Target::put_as(const float* line, int count, int x, int y) const {
  T* const tensor = reinterpret_cast<T*>(tensor_);
  const std::ptrdiff_t width = format_->size.width, plane = width * format_->size.height;
  const std::ptrdiff_t at = y * width + x;
  if (format_->order == ColourOrder::celsius) {
    for (int i = 0; i < count; ++i) tensor[at + i] = to_element<T>(line[std::ptrdiff_t{i} * 4] * gain_[0] + bias_[0]);
    return;
  }
  if (format_->order == ColourOrder::grey) {
    for (int i = 0; i < count; ++i) tensor[at + i] = to_element<T>(grey_of(line + i * 4) * gain_[0] + bias_[0]);
    return;
  }
  const bool bgr = format_->order == ColourOrder::bgr;
  if (format_->layout == Layout::nchw) {
    if constexpr (std::is_same_v<T, float>) {
      Plane first_plane{tensor + at, gain_[0], bias_[0]}, last_plane{tensor + 2 * plane + at, gain_[2], bias_[2]};
      if (bgr) std::swap(first_plane, last_plane);
      put_planes(line, count, first_plane, {tensor + plane + at, gain_[1], bias_[1]}, last_plane);
      return;
    }
  }
  const bool planar = format_->layout == Layout::nchw;
  const std::ptrdiff_t pixel_step = planar ? 1 : 3, channel_step = planar ? plane : 1;
  T* out = tensor + at * pixel_step;
  const int first = bgr ? 2 : 0;
  for (int i = 0; i < count; ++i, line += 4, out += pixel_step) {
    out[0] = to_element<T>(line[first] * gain_[0] + bias_[0]);
    out[channel_step] = to_element<T>(line[1] * gain_[1] + bias_[1]);
    out[2 * channel_step] = to_element<T>(line[2 - first] * gain_[2] + bias_[2]);
  }
}

void Target::fill_around(const PixelRect& content) const {
  const int width = format_->size.width, height = format_->size.height;
  const int right = content.x + content.width, bottom = content.y + content.height;
  fill_any(0, 0, width, content.y);
  fill_any(0, bottom, width, height - bottom);
  fill_any(0, content.y, content.x, content.height);
  fill_any(right, content.y, width - right, content.height);
}

void Target::fill_any(int x, int y, int width, int height) const {
  if (width <= 0 || height <= 0) return;
  if (format_->element == Element::f32)
    fill<float>(x, y, width, height);
  else
    fill<std::uint8_t>(x, y, width, height);
}

template <class T>
void Target::fill(int x, int y, int width, int height) const {
  T* const tensor = reinterpret_cast<T*>(tensor_);
  const std::ptrdiff_t row = format_->size.width, plane = row * format_->size.height;
  const auto channels = static_cast<std::size_t>(format_->channels());
  std::array<T, 3> value{};
  for (std::size_t c = 0; c < 3; ++c) value[c] = to_element<T>(format_->fill[c] * gain_[c] + bias_[c]);
  for (int v = y; v < y + height; ++v) {
    if (format_->layout == Layout::nchw || channels == 1) {
      for (std::size_t c = 0; c < channels; ++c)
        std::fill_n(tensor + static_cast<std::ptrdiff_t>(c) * plane + v * row + x, width, value[c]);
    } else {
      T* out = tensor + (v * row + x) * 3;
      for (int u = 0; u < width; ++u, out += 3) std::copy(value.begin(), value.end(), out);
    }
  }
}

}  // namespace perch::image::kernels
