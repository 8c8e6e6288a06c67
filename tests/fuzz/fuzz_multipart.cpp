#include <cstdlib>

#include "net/multipart.hpp"

/// The same parts come out whether a stream arrives at once or in pieces, and nothing is over the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace perch;
  if (size < 3) return 0;
  const net::MultipartLimits limits{.most_part_bytes = 700, .most_header_bytes = 200, .most_junk_bytes = 400};
  const std::size_t piece = 1 + data[0] % 64, boundary_size = data[1] % 8;
  ByteView stream = ByteView(data, size).subspan(2);
  const std::string_view boundary = as_text(stream.first(std::min(boundary_size, stream.size())));
  net::MultipartParser whole(boundary, limits), pieces(boundary, limits);

  const auto drain = [&](net::MultipartParser& parser, std::vector<Bytes>& parts) {
    for (;;) {
      auto part = parser.next();
      if (!part) return false;
      if (!*part) return true;
      if ((*part)->body.size() > limits.most_part_bytes || (*part)->body.empty()) std::abort();
      parts.push_back(std::move((*part)->body));
    }
  };
  std::vector<Bytes> at_once, bit_by_bit;
  whole.push(stream);
  const bool whole_well = drain(whole, at_once);
  bool pieces_well = true;
  while (!stream.empty() && pieces_well) {
    const std::size_t take = std::min(piece, stream.size());
    pieces.push(stream.first(take));
    stream = stream.subspan(take);
    pieces_well = drain(pieces, bit_by_bit);
  }
  if (whole_well != pieces_well || at_once != bit_by_bit) std::abort();
  if (auto rest = whole.finish()) at_once.push_back(std::move(rest->body));
  if (auto rest = pieces.finish()) bit_by_bit.push_back(std::move(rest->body));
  if (at_once != bit_by_bit) std::abort();
  return 0;
}
