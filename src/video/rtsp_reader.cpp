#include "video/rtsp_reader.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>
#include <netdb.h>

#include "base/text.hpp"
#include "image/codec.hpp"
#include "net/host_port.hpp"
#include "net/http_message.hpp"
#include "net/query.hpp"
#include "video/backlog.hpp"
#include "video/convert_impl.hpp"
#include "video/ffmpeg_impl.hpp"

namespace perch::video {

namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::string_view kScheme = "rtsp://";
/// What FFmpeg keeps of `user:password`, in the form in which they stand in an address.
constexpr std::size_t kMostAuthBytes = 127;

/// The host of an address.
std::string host_of(std::string_view url) {
  const std::optional<net::HostPort> parts = net::host_port_of_url(url.substr(kScheme.size()));
  return parts ? std::string(parts->host) : std::string();
}

bool is_known_host(const std::string& host) {
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

}  // namespace

Result<std::string> rtsp_address(const RtspOptions& options) {
  const std::string& url = options.url;
  if (!url.starts_with(kScheme))
    return fail(Errc::invalid, "not an rtsp address", net::printable_url(url), "it begins with rtsp://");
  const std::string_view rest = std::string_view(url).substr(kScheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  std::string auth(at == std::string_view::npos ? std::string_view() : authority.substr(0, at));
  if (!options.user.empty()) auth = net::percent_encode(options.user) + ":" + net::percent_encode(options.password);
  if (auth.size() > kMostAuthBytes)
    return fail(Errc::too_large, "user and password are too long for RTSP", net::printable_url(url),
                fmt::format("together at most {} bytes, special characters count as three", kMostAuthBytes - 1));
  const std::string_view from_host = at == std::string_view::npos ? rest : rest.substr(at + 1);
  return std::string(kScheme).append(auth).append(auth.empty() ? "" : "@").append(from_host);
}

struct RtspReader::Impl {
  RtspOptions options;
  std::string where;  ///< the address as it may be shown
  const std::atomic<bool>* stop = nullptr;
  Time deadline;
  FormatPtr format;
  CodecPtr codec;
  FramePtr frame, newest;
  PacketPtr packet;
  RgbConverter converter;
  int stream = -1;
  bool intra_only = false;  ///< no frame builds upon another
  Backlog backlog;
  bool catching_up = false;  ///< nothing is decoded until the next key frame that has to be waited for

  Result<void> open();
  Result<void> open_format(const std::string& address);
  Result<void> open_codec();
  Result<bool> read(bool wanted);
  bool decode();

  void progressed() { deadline = std::chrono::steady_clock::now() + options.timeout; }

  bool late() const { return std::chrono::steady_clock::now() >= deadline; }

  static int interrupted(void* self);
  tl::unexpected<Error> open_failure(int code) const;
  tl::unexpected<Error> read_failure(int code) const;

  tl::unexpected<Error> error(Errc code, std::string what, std::string remedy = {}) const {
    return fail(code, std::move(what), where, std::move(remedy));
  }
};

int RtspReader::Impl::interrupted(void* self) {
  const auto& impl = *static_cast<const Impl*>(self);
  return impl.stop->load() || impl.late() ? 1 : 0;
}

Result<void> RtspReader::Impl::open() {
  where = net::printable_url(options.url);
  if (const auto ffmpeg = open_ffmpeg(); !ffmpeg) return fail(ffmpeg.error().at(where));
  PERCH_TRY(const std::string address, rtsp_address(options));
  progressed();
  PERCH_CHECK(open_format(address));
  PERCH_CHECK(open_codec());
  progressed();
  return {};
}

Result<void> RtspReader::Impl::open_format(const std::string& address) {
  AVFormatContext* raw = avformat_alloc_context();
  if (raw == nullptr) return error(Errc::full, "no memory left for a stream");
  raw->interrupt_callback = {&interrupted, this};
  AVDictionary* settings = nullptr;
  av_dict_set(&settings, "rtsp_transport", options.transport == RtspTransport::tcp ? "tcp" : "udp", 0);
  av_dict_set(&settings, "allowed_media_types", "video", 0);
  av_dict_set(&settings, "protocol_whitelist", "rtsp,rtp,tcp,udp", 0);
  av_dict_set(&settings, "user_agent", "perch", 0);
  const int opened = avformat_open_input(&raw, address.c_str(), av_find_input_format("rtsp"), &settings);
  av_dict_free(&settings);
  format.reset(raw);
  if (opened < 0) return open_failure(opened);
  // What a camera announces names the codec; looking at packets first would only take time.
  stream = av_find_best_stream(format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (stream < 0 || format->streams[stream]->codecpar->codec_id == AV_CODEC_ID_NONE) {
    const int probed = avformat_find_stream_info(format.get(), nullptr);
    if (probed < 0) return open_failure(probed);
    stream = av_find_best_stream(format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  }
  if (stream < 0) return error(Errc::invalid, "sends no pictures", "check the path");
  return {};
}

Result<void> RtspReader::Impl::open_codec() {
  const AVStream& of = *format->streams[stream];
  const char* name = avcodec_get_name(of.codecpar->codec_id);
  const AVCodec* decoder = avcodec_find_decoder(of.codecpar->codec_id);
  if (decoder == nullptr)
    return error(Errc::unsupported, fmt::format("sends {}, which this FFmpeg cannot decode", name),
                 "have the camera send H.264");
  const AVCodecDescriptor* kind = avcodec_descriptor_get(of.codecpar->codec_id);
  intra_only = kind != nullptr && (kind->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  codec.reset(avcodec_alloc_context3(decoder));
  frame.reset(av_frame_alloc());
  newest.reset(av_frame_alloc());
  packet.reset(av_packet_alloc());
  if (!codec || !frame || !newest || !packet) return error(Errc::full, "no memory left to decode a stream");
  codec->thread_count = 1;  // each camera has a thread of its own; more would only add delay
  codec->flags |= AV_CODEC_FLAG_LOW_DELAY;
  codec->max_pixels = image::kMaxPixels;
  codec->pkt_timebase = of.time_base;
  int code = avcodec_parameters_to_context(codec.get(), of.codecpar);
  if (code >= 0) code = avcodec_open2(codec.get(), decoder, nullptr);
  if (code < 0) return error(Errc::unsupported, fmt::format("its {} cannot be decoded: {}", name, words_of(code)));
  return {};
}

tl::unexpected<Error> RtspReader::Impl::open_failure(int code) const {
  if (stop->load()) return error(Errc::canceled, "stopped on request");
  if (late()) return error(Errc::timeout, "no answer within " + format_duration(options.timeout));
  switch (code) {
    case AVERROR_HTTP_NOT_FOUND:
      return error(Errc::not_found, "answered 404 (not found)", "check the path");
    case AVERROR_HTTP_UNAUTHORIZED:
      return error(Errc::denied, "answered 401", "check user and password");
    case AVERROR_HTTP_FORBIDDEN:
      return error(Errc::denied, "answered 403", "check user and password");
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR(EPROTONOSUPPORT):
      return error(Errc::unsupported,
                   fmt::format("does not send over {}", options.transport == RtspTransport::tcp ? "tcp" : "udp"),
                   fmt::format("try transport = \"{}\"", options.transport == RtspTransport::tcp ? "udp" : "tcp"));
    case AVERROR_INVALIDDATA:
      return error(Errc::invalid, "does not answer in RTSP, or announces no stream", "check port and path");
    case AVERROR_EOF:
      return error(Errc::io, "closed the connection without an answer");
    case AVERROR(ETIMEDOUT):
    case AVERROR(EHOSTUNREACH):
    case AVERROR(ENETUNREACH):
    case AVERROR(ECONNREFUSED):
      return error(Errc::io, "cannot connect: " + words_of(code), "check that it is running");
    default:
      if (!is_known_host(host_of(where))) return error(Errc::not_found, "host not found", "check its name");
      return error(Errc::io, words_of(code));
  }
}

tl::unexpected<Error> RtspReader::Impl::read_failure(int code) const {
  if (stop->load()) return error(Errc::canceled, "stopped on request");
  if (late()) return error(Errc::timeout, "no whole picture within " + format_duration(options.timeout));
  if (code == AVERROR_EOF) return error(Errc::io, "the stream has ended");
  return error(Errc::io, "the connection broke: " + words_of(code));
}

Result<bool> RtspReader::Impl::read(bool wanted) {
  const Time before = std::chrono::steady_clock::now();
  const int got = av_read_frame(format.get(), packet.get());
  if (got < 0 && (got != AVERROR(EAGAIN) || interrupted(this) != 0)) return read_failure(got);
  if (late()) return read_failure(AVERROR(ETIMEDOUT));  // packets come, but no picture
  const bool behind = backlog.note_read(before, std::chrono::steady_clock::now());
  const bool ours = got >= 0 && packet->stream_index == stream;
  const bool key = ours && (packet->flags & AV_PKT_FLAG_KEY) != 0;
  catching_up = behind || (catching_up && !key);
  bool whole = false;
  if (ours && !catching_up && (wanted || !intra_only)) {
    codec->skip_frame = options.key_frames ? AVDISCARD_NONKEY : wanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    codec->skip_loop_filter = wanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    whole = decode();
  }
  // While nobody waits for a picture, it is enough that something comes.
  if (whole || (ours && !wanted)) progressed();
  av_packet_unref(packet.get());
  return whole;
}

/// Takes the packet in, and leaves what whole frame there is then in `newest`.
bool RtspReader::Impl::decode() {
  if (avcodec_send_packet(codec.get(), packet.get()) < 0) return false;  // damaged
  bool whole = false;
  while (avcodec_receive_frame(codec.get(), frame.get()) == 0) {
    if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) continue;
    std::swap(frame, newest);
    whole = true;
  }
  return whole;
}

RtspReader::RtspReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RtspReader::~RtspReader() = default;
RtspReader::RtspReader(RtspReader&&) noexcept = default;
RtspReader& RtspReader::operator=(RtspReader&&) noexcept = default;

Result<RtspReader> RtspReader::open(const RtspOptions& options, const std::atomic<bool>& stop) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->stop = &stop;
  PERCH_CHECK(impl->open());
  return RtspReader(std::move(impl));
}

Result<bool> RtspReader::read(bool wanted) {
  return impl_->read(wanted);
}

Result<void> RtspReader::convert(image::Picture& out) {
  if (auto done = impl_->converter.convert(*impl_->newest, out); !done) return fail(done.error().at(impl_->where));
  return {};
}

}  // namespace perch::video
