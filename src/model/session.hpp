#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "image/sampling.hpp"
#include "seam/tensor.hpp"

namespace perch::model {

/// Larger model files are refused.
inline constexpr std::size_t kMaxModelBytes = std::size_t{512} << 20;

/// The largest batch that is put into a model at once.
inline constexpr int kMaxBatch = 64;

/// An ONNX model that is ready to run. Immutable; shared by all workers. @thread any
class Session {
 public:
  /// Loads a model. `where` names it in messages. It runs with `intra_op_threads` threads for each call, the caller's
  /// among them.
  /// Errors: invalid (not an ONNX model, with what it starts with; or a broken one, with the reason in a line),
  ///         unsupported (an operator that the runtime lacks, the name of an input or output that is not UTF-8),
  ///         too_large, and those of `runtime`. @thread any, blocks
  static Result<std::shared_ptr<const Session>> load(ByteView onnx, const std::string& where, int intra_op_threads = 1);

  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::vector<TensorInfo>& inputs() const;
  const std::vector<TensorInfo>& outputs() const;

 private:
  friend class Runner;
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs a session on batches and owns the memory of its inputs and outputs, which is reused from call to call: we
/// allocate nothing once a batch size has been seen, except where an output's size is not known beforehand; ONNX
/// Runtime itself allocates a little with each call. One a worker; not for two threads at once.
class Runner {
 public:
  /// @param element_shape  of one batch element of the only input, without the batch axis: fills in dimensions that the
  ///                       model leaves free
  Runner(std::shared_ptr<const Session> session, std::vector<std::int64_t> element_shape);
  ~Runner();
  Runner(Runner&&) noexcept;
  Runner& operator=(Runner&&) noexcept;

  /// The most elements that go through the model at once: the model's own batch where that is fixed, else `kMaxBatch`.
  int max_batch() const;

  /// Memory of one element of the next batch, to be filled before `run`; aligned to 64 bytes for the batch's first. It
  /// takes what `picture_element` says; where the model wants another type, `run` converts it.
  /// Valid until the next call with another batch size.
  /// @pre 0 <= element < batch <= max_batch()
  std::span<std::byte> input(int batch, int element);

  /// Runs the model on a batch whose elements have been filled. The tensors have 32-bit floats whatever the model has
  /// and are valid until the next call of `input` or `run`.
  /// Errors: internal (ONNX Runtime's reason), unsupported (an output of a type that is no number). @thread the owner's
  Result<const Tensors*> run(int batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "f32", "u8", …
std::string_view name(ElementType type);

/// What a picture is given as to an input of that type: floats, or bytes where it takes whole numbers. Nothing for
/// types that no picture is given as.
std::optional<image::Element> picture_element(ElementType type);

/// `[1, 3, 416, 416]`, with `?` for a free dimension.
std::string shape_text(std::span<const std::int64_t> shape);

}  // namespace perch::model
