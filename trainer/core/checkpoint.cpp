#include "core/checkpoint.hpp"

#include <cstring>
#include <string_view>

#include "base/bytes.hpp"

namespace perch::trainer {

namespace {

constexpr std::string_view kMagic = "perch-checkpoint 2\n";
constexpr std::size_t kHashDigits = 64;

class Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  void text(std::string_view value) {
    number(std::uint64_t{value.size()});
    bytes_.append(value);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (whole_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string text() { return std::string(take(number<std::uint64_t>())); }

  /// Whether everything that was asked for was there, and nothing more.
  bool at_end() const { return whole_ && left_.empty(); }

  bool whole() const { return whole_; }

 private:
  std::string_view take(std::uint64_t size) {
    whole_ = whole_ && size <= left_.size();
    if (!whole_) return {};
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
  bool whole_ = true;
};

}  // namespace

Result<void> save(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  Writer body;
  body.text(checkpoint.fingerprint);
  body.number(std::int64_t{checkpoint.epoch});
  body.number(std::int64_t{checkpoint.best_epoch});
  body.number(checkpoint.best);
  body.number(std::int64_t{checkpoint.kept_epoch});
  body.number(checkpoint.seconds);
  body.number(std::uint64_t{checkpoint.history.size()});
  for (const auto& [loss, metric] : checkpoint.history) {
    body.number(loss);
    body.number(metric);
  }
  body.text(checkpoint.state);
  body.text(checkpoint.weights);
  std::string file(kMagic);
  file += sha256_hex(as_bytes(body.bytes()));
  file += body.bytes();
  return write_file(path, as_bytes(file));
}

Result<Checkpoint> load_checkpoint(const std::filesystem::path& path) {
  PERCH_TRY(const Bytes bytes, read_file(path, std::size_t{4} << 30));
  std::string_view text = as_text(bytes);
  const auto damaged = [&] {
    return fail(Errc::invalid, "is no checkpoint of a training, or is damaged", path.string(),
                "remove it and train anew");
  };
  if (!text.starts_with(kMagic) || text.size() < kMagic.size() + kHashDigits) return damaged();
  text.remove_prefix(kMagic.size());
  const std::string_view body = text.substr(kHashDigits);
  if (sha256_hex(as_bytes(body)) != text.substr(0, kHashDigits)) return damaged();
  Reader reader(body);
  Checkpoint checkpoint;
  checkpoint.fingerprint = reader.text();
  checkpoint.epoch = static_cast<int>(reader.number<std::int64_t>());
  checkpoint.best_epoch = static_cast<int>(reader.number<std::int64_t>());
  checkpoint.best = reader.number<double>();
  checkpoint.kept_epoch = static_cast<int>(reader.number<std::int64_t>());
  checkpoint.seconds = reader.number<double>();
  const auto epochs = reader.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < epochs && reader.whole(); ++i) {
    const auto loss = reader.number<double>();
    checkpoint.history.emplace_back(loss, reader.number<double>());
  }
  checkpoint.state = reader.text();
  checkpoint.weights = reader.text();
  if (!reader.at_end()) return damaged();
  return checkpoint;
}

}  // namespace perch::trainer
