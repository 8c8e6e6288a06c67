#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "seam/decoder.hpp"
#include "seam/tensor.hpp"

/// What decoders check tensors with, so that a model that does not fit is told in the same words everywhere.
namespace perch::vision {

/// A dimension that may have any size.
inline constexpr std::int64_t kAny = -1;

/// `[1, 3549, 85]`; free dimensions as `?`.
std::string shape_text(std::span<const std::int64_t> shape);

/// Whether a shape has that many dimensions, each of that size unless either is free.
bool fits(std::span<const std::int64_t> shape, std::span<const std::int64_t> wanted);

/// The place of the model's output with that name. Errors: mismatch, naming the outputs that there are.
Result<std::size_t> output_named(const ModelShape& model, std::string_view name);

/// The place of the only output that has the wanted shape; `form` says it in words: "[batch, points, 5 + classes]".
/// Errors: mismatch, with the shapes that there are; also when several fit.
Result<std::size_t> output_shaped(const ModelShape& model, std::span<const std::int64_t> wanted, std::string_view form);

/// The place of the only output that gives one row of values for each picture: [batch, values], also with dimensions of
/// size 1 behind. `widths` are the numbers of values that will do; empty: any. Errors: mismatch, as above.
Result<std::size_t> output_of_rows(const ModelShape& model, std::span<const std::int64_t> widths,
                                   std::string_view form);

/// The error of an output that has another shape than `wanted`: sizes, or a form in words. Its code is mismatch.
tl::unexpected<Error> wrong_shape(std::string_view output, std::span<const std::int64_t> shape,
                                  std::string_view wanted);

/// Checks that the card has a label for each class; a card without labels, or a number of classes that is only known
/// when the model runs (`kAny`), passes. Errors: mismatch, naming both numbers.
Result<void> expect_labels(std::int64_t classes, std::span<const std::string> labels, std::string_view things);

/// The output at a place found at creation, checked: its shape, that no dimension is 0, and that its data is as long as
/// its shape says. The first dimension is the batch, which may be larger than the number of placements and not smaller.
/// Errors: mismatch.
Result<const TensorView*> checked_output(const Tensors& tensors, std::size_t place,
                                         std::span<const std::int64_t> wanted, std::size_t placements);

/// Refuses an output that is NaN all over: no answer must not look like the answer that nothing is there.
/// Errors: internal.
Result<void> expect_numbers(const TensorView& output);

}  // namespace perch::vision
