#include "model/onnx_bytes.hpp"

#include <set>
#include <string_view>

namespace perch::model {

namespace {

// Field numbers of onnx.proto3.
constexpr std::uint64_t kModelIrVersion = 1;
constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphInitializer = 5;
constexpr std::uint64_t kGraphInput = 11;
constexpr std::uint64_t kTensorName = 8;
constexpr std::uint64_t kTensorExternalData = 13;
constexpr std::uint64_t kTensorDataLocation = 14;
constexpr std::uint64_t kEntryKey = 1;
constexpr std::uint64_t kEntryValue = 2;
constexpr std::uint64_t kValueName = 1;

constexpr std::uint64_t kExternal = 1;                  // of a tensor's data location
constexpr std::uint64_t kFirstWithConstantWeights = 4;  // IR version

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field of a protobuf message: its number, its value, and the bytes it was written as.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  ///< Wire::varint
  ByteView content;         ///< Wire::bytes
  ByteView whole;
};

/// Takes a message apart, field by field. Ends at the first byte that cannot be right, and says so.
class Fields {
 public:
  explicit Fields(ByteView message) : rest_(message) {}

  bool next(Field& field) {
    if (rest_.empty()) return false;
    const ByteView from = rest_;
    std::uint64_t key = 0;
    if (!varint(key)) return stop();
    field = {key >> 3, 0, {}, {}};
    switch (static_cast<Wire>(key & 7)) {
      case Wire::varint:
        if (!varint(field.value)) return stop();
        break;
      case Wire::bytes: {
        std::uint64_t length = 0;
        if (!varint(length) || !take(length, field.content)) return stop();
        break;
      }
      case Wire::fixed64:
        if (!take(8, field.content)) return stop();
        break;
      case Wire::fixed32:
        if (!take(4, field.content)) return stop();
        break;
      default:
        return stop();
    }
    field.whole = from.first(from.size() - rest_.size());
    return true;
  }

  bool broken() const { return broken_; }

 private:
  bool stop() {
    broken_ = true;
    return false;
  }

  bool varint(std::uint64_t& value) {
    constexpr unsigned kMaxShift = 63;
    value = 0;
    for (unsigned shift = 0; shift <= kMaxShift && !rest_.empty(); shift += 7) {
      const std::uint8_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool take(std::uint64_t length, ByteView& content) {
    if (length > rest_.size()) return false;
    content = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(static_cast<std::size_t>(length));
    return true;
  }

  ByteView rest_;
  bool broken_ = false;
};

/// The text of a field of a message; empty when it has none.
std::string_view text_of(ByteView message, std::uint64_t number) {
  Fields fields(message);
  for (Field field; fields.next(field);)
    if (field.number == number) return as_text(field.content);
  return {};
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// The graph without inputs that are weights; nothing when there are none.
std::optional<Bytes> trimmed_graph(ByteView graph) {
  std::set<std::string_view> weights;
  Fields look(graph);
  for (Field field; look.next(field);)
    if (field.number == kGraphInitializer) weights.insert(text_of(field.content, kTensorName));
  if (look.broken()) return std::nullopt;
  Bytes kept;
  kept.reserve(graph.size());
  Fields copy(graph);
  for (Field field; copy.next(field);)
    if (field.number != kGraphInput || !weights.contains(text_of(field.content, kValueName))) append(kept, field.whole);
  if (kept.size() == graph.size()) return std::nullopt;
  return kept;
}

/// The file that a tensor's values are in; nothing when they are in the model itself.
std::optional<std::string> file_of(ByteView tensor) {
  bool external = false;
  std::string file;
  Fields fields(tensor);
  for (Field field; fields.next(field);) {
    if (field.number == kTensorDataLocation) external = field.value == kExternal;
    if (field.number == kTensorExternalData && text_of(field.content, kEntryKey) == "location")
      file = text_of(field.content, kEntryValue);
  }
  return external ? std::optional(std::move(file)) : std::nullopt;
}

}  // namespace

std::optional<std::string> file_of_weights(ByteView onnx) {
  Fields model(onnx);
  for (Field field; model.next(field);) {
    if (field.number != kModelGraph) continue;
    Fields graph(field.content);
    for (Field inner; graph.next(inner);)
      if (inner.number == kGraphInitializer)
        if (std::optional<std::string> file = file_of(inner.content)) return file;
  }
  return std::nullopt;
}

std::optional<Bytes> with_constant_weights(ByteView onnx) {
  std::uint64_t version = 0;
  ByteView graph, graph_field;
  Fields look(onnx);
  for (Field field; look.next(field);) {
    if (field.number == kModelIrVersion) version = field.value;
    if (field.number != kModelGraph) continue;
    if (!graph_field.empty()) return std::nullopt;  // two graphs: protobuf would merge them
    graph = field.content;
    graph_field = field.whole;
  }
  if (look.broken() || version < kFirstWithConstantWeights) return std::nullopt;
  const std::optional<Bytes> trimmed = trimmed_graph(graph);
  if (!trimmed) return std::nullopt;
  const auto start = static_cast<std::size_t>(graph_field.data() - onnx.data());
  Bytes out;
  out.reserve(onnx.size());
  append(out, onnx.first(start));
  append_varint(out, kModelGraph << 3 | static_cast<std::uint64_t>(Wire::bytes));
  append_varint(out, trimmed->size());
  append(out, *trimmed);
  append(out, onnx.subspan(start + graph_field.size()));
  return out;
}

}  // namespace perch::model
