#include "vision/tensor_check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::vision {

namespace {

std::string outputs_text(const ModelShape& model) {
  std::vector<std::string> all;
  for (const TensorInfo& output : model.outputs)
    all.push_back(fmt::format("'{}' {}", printable(output.name, 60), shape_text(output.shape)));
  return all.empty() ? "none" : join(all, ", ");
}

constexpr std::string_view kWrongDecoder = "is this the right decoder for the model?";

/// The place of the only output that `fitting` takes; `form` says in words what was looked for.
template <class Fitting>
Result<std::size_t> only_output(const ModelShape& model, std::string_view form, Fitting fitting) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < model.outputs.size(); ++i)
    if (fitting(model.outputs[i])) found.push_back(i);
  if (found.size() == 1) return found.front();
  return fail(Errc::mismatch,
              fmt::format("{} output of the model has the shape {}, its outputs are {}",
                          found.empty() ? "no" : "more than one", form, outputs_text(model)),
              {}, std::string(kWrongDecoder));
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : shape) sizes.push_back(size < 0 ? "?" : std::to_string(size));
  return "[" + join(sizes, ", ") + "]";
}

bool fits(std::span<const std::int64_t> shape, std::span<const std::int64_t> wanted) {
  if (shape.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] >= 0 && wanted[i] >= 0 && shape[i] != wanted[i]) return false;
  return true;
}

Result<std::size_t> output_named(const ModelShape& model, std::string_view name) {
  for (std::size_t i = 0; i < model.outputs.size(); ++i)
    if (model.outputs[i].name == name) return i;
  return fail(Errc::mismatch,
              fmt::format("the model has no output '{}', its outputs are {}", name, outputs_text(model)), {},
              std::string(kWrongDecoder));
}

Result<std::size_t> output_shaped(const ModelShape& model, std::span<const std::int64_t> wanted,
                                  std::string_view form) {
  return only_output(model, fmt::format("{} = {}", shape_text(wanted), form),
                     [&](const TensorInfo& output) { return fits(output.shape, wanted); });
}

Result<std::size_t> output_of_rows(const ModelShape& model, std::span<const std::int64_t> widths,
                                   std::string_view form) {
  return only_output(model, form, [&](const TensorInfo& output) {
    if (output.shape.size() < 2) return false;
    const std::int64_t width = output.shape[1];
    const bool wanted = width < 0 || widths.empty() || std::find(widths.begin(), widths.end(), width) != widths.end();
    return wanted && std::all_of(output.shape.begin() + 2, output.shape.end(), [](auto size) { return size == 1; });
  });
}

tl::unexpected<Error> wrong_shape(std::string_view output, std::span<const std::int64_t> shape,
                                  std::string_view wanted) {
  return fail(Errc::mismatch,
              fmt::format("the output '{}' has the shape {}, but {} is needed", printable(output, 60),
                          shape_text(shape), wanted),
              {}, std::string(kWrongDecoder));
}

Result<void> expect_labels(std::int64_t classes, std::span<const std::string> labels, std::string_view things) {
  if (classes < 0 || labels.empty() || static_cast<std::size_t>(classes) == labels.size()) return {};
  return fail(Errc::mismatch,
              fmt::format("the model has {} {}, but its card {} labels", classes, things, labels.size()), {},
              "give one label for each, in the model's order");
}

Result<const TensorView*> checked_output(const Tensors& tensors, std::size_t place,
                                         std::span<const std::int64_t> wanted, std::size_t placements) {
  if (place >= tensors.outputs.size())
    return fail(Errc::mismatch, fmt::format("the model gave {} outputs, but its file announced more than {}",
                                            tensors.outputs.size(), place));
  const TensorView& output = tensors.outputs[place];
  if (!fits(output.shape, wanted)) return wrong_shape(output.name, output.shape, shape_text(wanted));
  std::size_t count = 1;
  for (const std::int64_t size : output.shape) {
    if (size <= 0) return wrong_shape(output.name, output.shape, shape_text(wanted));
    count *= static_cast<std::size_t>(size);
  }
  if (count != output.data.size())
    return fail(Errc::mismatch, fmt::format("the output '{}' {} has {} values", printable(output.name, 60),
                                            shape_text(output.shape), output.data.size()));
  if (static_cast<std::size_t>(output.dim(0)) < placements)
    return fail(Errc::mismatch,
                fmt::format("the output '{}' {} is one of {} pictures, but {} went in", printable(output.name, 60),
                            shape_text(output.shape), output.dim(0), placements));
  return &output;
}

Result<void> expect_numbers(const TensorView& output) {
  if (!std::ranges::all_of(output.data, [](float value) { return std::isnan(value); })) return {};
  return fail(Errc::internal, fmt::format("the output '{}' holds no number, only NaN", printable(output.name, 60)), {},
              "the model computes nothing here: get its file anew, or a form with other numbers");
}

}  // namespace perch::vision
