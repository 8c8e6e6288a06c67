#include "video/clip.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "image/codec.hpp"
#include "image/orientation.hpp"
#include "video/announced.hpp"
#include "video/convert_impl.hpp"
#include "video/ffmpeg_impl.hpp"

namespace perch::video {

namespace {

constexpr std::array<std::string_view, 25> kExtensions{
    ".mp4", ".m4v",   ".mov",  ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts",  ".m2ts", ".mts", ".flv", ".wmv",
    ".asf", ".mjpeg", ".mjpg", ".3gp", ".ogv",  ".gif", ".mxf", ".h264", ".264", ".h265", ".265", ".hevc"};

/// Containers that hold their frames themselves: no playlists that lead elsewhere, no text drawn as pictures.
constexpr const char* kContainers =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,mjpeg,mpjpeg,mjpeg_2000,gif,flv,asf,ogg,mxf,m4v,"
    "h264,hevc";

tl::unexpected<Error> open_failure(int code, const std::string& where) {
  if (code == AVERROR(ENOENT)) return fail(Errc::not_found, "no such file", where, "check the path");
  if (code == AVERROR(EACCES) || code == AVERROR(EPERM))
    return fail(Errc::denied, "may not be read", where, "check its permissions");
  if (code == AVERROR(ENOMEM)) return fail(Errc::full, "no memory left to open a clip", where);
  if (code == AVERROR(EIO)) return fail(Errc::io, "cannot be read: " + words_of(code), where);
  if (code == AVERROR_INVALIDDATA)
    return fail(Errc::invalid, "no clip, or cut short before the index of its frames", where,
                "check that it plays elsewhere; a recording must be finished before it is read");
  const std::string why = code == AVERROR(EINVAL) ? "" : ": " + words_of(code);
  return fail(Errc::invalid, "no clip" + why, where, "clips are MP4, MOV, MKV, WebM, AVI, MPEG and MJPEG files");
}

/// What a file of bare JPEGs is, which FFmpeg takes for a single picture: one behind the other, or the parts of a
/// stream as a camera sent it. Null for all others: they tell for themselves.
const AVInputFormat* bare_jpegs(const std::string& path) {
  const std::string extension = lower_case(std::filesystem::path(path).extension().string());
  if (extension != ".mjpeg" && extension != ".mjpg") return nullptr;
  std::array<char, 4> buffer{};
  std::ifstream file(path, std::ios::binary);
  file.read(buffer.data(), buffer.size());
  const std::string_view head(buffer.data(), static_cast<std::size_t>(file.gcount()));
  if (head.starts_with("\xff\xd8")) return av_find_input_format("mjpeg");
  return head.starts_with("--") || head.starts_with("\r\n--") ? av_find_input_format("mpjpeg") : nullptr;
}

/// A JPEG that breaks off has no end marker; FFmpeg's decoder does not mind and fills the rest with grey.
bool is_cut_jpeg(const AVPacket& packet) {
  int size = packet.size;
  while (size > 0 && packet.data[size - 1] == 0) --size;
  return size < 2 || packet.data[size - 2] != 0xff || packet.data[size - 1] != 0xd9;
}

/// How a stream says that its frames are to be turned, by quarters. Its matrix takes a stored place to where it is
/// shown: (x, y) to (a·x + c·y, b·x + d·y). Source: ISO/IEC 14496-12, 8.3.2; libavutil/display.h.
image::Orientation orientation_of(const AVStream& stream) {
  using image::Orientation;
  std::size_t bytes = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  std::array<std::int32_t, 9> matrix{};
  if (!data || bytes < sizeof matrix) return Orientation::upright;
  std::memcpy(matrix.data(), data, sizeof matrix);
  const std::int32_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (b == 0 && c == 0) {
    if (d < 0) return a < 0 ? Orientation::half_turn : Orientation::upside_down_mirrored;
    return a < 0 ? Orientation::mirrored : Orientation::upright;
  }
  if (a != 0 || d != 0) return Orientation::upright;  // by other angles: as it is stored
  if (c < 0) return b < 0 ? Orientation::transposed_back : Orientation::clockwise;
  return b < 0 ? Orientation::anticlockwise : Orientation::transposed;
}

}  // namespace

bool looks_like_clip(const std::filesystem::path& path) {
  return std::ranges::find(kExtensions, lower_case(path.extension().string())) != kExtensions.end();
}

struct ClipReader::Impl {
  std::string where;
  ClipInfo info;
  FormatPtr format;
  CodecPtr codec;
  FramePtr frame;
  PacketPtr packet;
  std::deque<PacketPtr> ahead;  ///< those after `packet`, where they had to be known
  RgbConverter converter;
  image::Orientation orientation = image::Orientation::upright;
  image::Picture stored;  ///< a frame that is still to be turned
  int stream = -1;
  AVRational time_base{0, 1};

  bool draining = false;  ///< the last packet is in
  bool cut_short = false;
  std::vector<std::int64_t> damaged;         ///< when what could not be decoded would have been shown, in order
  std::int64_t packet_pts = AV_NOPTS_VALUE;  ///< of the last one
  std::int64_t packets = 0;
  std::int64_t packets_indexed = 0;  ///< by the container, where it lists each one
  std::int64_t decoded = 0;
  std::int64_t first_pts = AV_NOPTS_VALUE;
  std::int64_t last_pts = AV_NOPTS_VALUE;
  std::int64_t damaged_in_parts_before = 0;  ///< of a clip whose time stamps began anew
  double last_t_s = 0;
  std::optional<Error> ended;

  Result<void> open();
  Result<void> open_codec(const AVCodec* decoder);
  void fill_info();
  Result<void> decode_next();
  Result<void> convert(image::Picture& out);
  int read_packet();
  int next_packet();
  void feed();
  void note_damage(std::int64_t pts);
  bool ends_damaged() const;
  std::int64_t damaged_before(std::int64_t pts) const;
  tl::unexpected<Error> end();
  void join(std::int64_t pts);
  ClipFrame place();
};

Result<void> ClipReader::Impl::open() {
  AVDictionary* raw_options = nullptr;
  av_dict_set(&raw_options, "protocol_whitelist", "file", 0);
  av_dict_set(&raw_options, "format_whitelist", kContainers, 0);
  AVFormatContext* raw = nullptr;
  const int opened = avformat_open_input(&raw, ("file:" + where).c_str(), bare_jpegs(where), &raw_options);
  av_dict_free(&raw_options);
  format.reset(raw);
  if (opened < 0) return open_failure(opened, where);
  if (const int code = avformat_find_stream_info(raw, nullptr); code < 0) return open_failure(code, where);
  const AVCodec* decoder = nullptr;
  stream = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
  if (stream == AVERROR_DECODER_NOT_FOUND)
    return fail(Errc::unsupported, "its pictures are in a codec that this FFmpeg cannot decode", where,
                "convert it to H.264");
  if (stream < 0) return fail(Errc::invalid, "holds no pictures, only sound or other data", where);
  for (unsigned i = 0; i < raw->nb_streams; ++i)
    if (static_cast<int>(i) != stream) raw->streams[i]->discard = AVDISCARD_ALL;
  PERCH_CHECK(open_codec(decoder));
  fill_info();
  std::error_code ignored;
  const std::uintmax_t size = std::filesystem::file_size(where, ignored);
  cut_short = !ignored && announced_bytes(where) > static_cast<std::int64_t>(size) + 1;  // some leave out the padding
  return {};
}

Result<void> ClipReader::Impl::open_codec(const AVCodec* decoder) {
  const AVStream& of = *format->streams[stream];
  time_base = of.time_base;
  codec.reset(avcodec_alloc_context3(decoder));
  frame.reset(av_frame_alloc());
  packet.reset(av_packet_alloc());
  if (!codec || !frame || !packet) return fail(Errc::full, "no memory left to decode a clip", where);
  codec->thread_count = 1;  // workers are the parallelism; threads of its own would only add delay
  codec->max_pixels = image::kMaxPixels;
  codec->pkt_timebase = time_base;
  int code = avcodec_parameters_to_context(codec.get(), of.codecpar);
  if (code >= 0) code = avcodec_open2(codec.get(), decoder, nullptr);
  if (code < 0) return fail(Errc::unsupported, "its pictures cannot be decoded: " + words_of(code), where);
  return {};
}

void ClipReader::Impl::fill_info() {
  const AVStream& of = *format->streams[stream];
  orientation = orientation_of(of);
  const AVRational pixel = av_guess_sample_aspect_ratio(format.get(), format->streams[stream], nullptr);
  info.size = turned(shown_size({of.codecpar->width, of.codecpar->height}, pixel), orientation);
  info.codec = avcodec_get_name(of.codecpar->codec_id);
  // MP4 and MOV list every frame, those outside an edit already left out; other containers list some.
  if (std::string_view(format->iformat->name).starts_with("mov"))
    packets_indexed = avformat_index_get_entries_count(&of);
  const AVRational rate = of.avg_frame_rate.num > 0 ? of.avg_frame_rate : of.r_frame_rate;
  if (rate.num > 0 && rate.den > 0) info.frames_per_s = av_q2d(rate);
  if (of.duration > 0)
    info.duration_s = static_cast<double>(of.duration) * av_q2d(time_base);
  else if (format->duration > 0)
    info.duration_s = static_cast<double>(format->duration) / AV_TIME_BASE;
  if (of.nb_frames > 0)
    info.count = of.nb_frames;
  else if (info.duration_s && info.frames_per_s > 0)
    info.count = std::llround(*info.duration_s * info.frames_per_s);
}

/// Leaves the next packet of the stream in `packet`. Returns FFmpeg's code.
int ClipReader::Impl::read_packet() {
  for (;;) {
    const int got = av_read_frame(format.get(), packet.get());
    if (got < 0 || packet->stream_index == stream) return got;
    av_packet_unref(packet.get());
  }
}

/// As `read_packet`. MPEG-TS counts its packets, and where recordings are put one behind the other the count jumps:
/// FFmpeg takes a frame just before for torn. Where one that needs no other follows, the decoder may say whether it is.
int ClipReader::Impl::next_packet() {
  if (!ahead.empty()) {
    packet = std::move(ahead.front());
    ahead.pop_front();
    return 0;
  }
  constexpr std::size_t kFramesBefore = 2;
  int got = read_packet();
  if (got < 0 || (packet->flags & AV_PKT_FLAG_CORRUPT) == 0 || std::string_view(format->iformat->name) != "mpegts")
    return got;
  PacketPtr torn = std::exchange(packet, PacketPtr(av_packet_alloc()));
  while (got >= 0 && packet && ahead.size() < kFramesBefore) {
    got = read_packet();
    if (got < 0) break;
    if ((packet->flags & AV_PKT_FLAG_KEY) != 0) torn->flags &= ~AV_PKT_FLAG_CORRUPT;
    ahead.push_back(std::exchange(packet, PacketPtr(av_packet_alloc())));
  }
  packet = std::move(torn);
  return 0;
}

/// Hands one packet of the stream to the decoder, or tells it that there are no more.
void ClipReader::Impl::feed() {
  const int got = next_packet();
  if (got < 0) {
    cut_short = cut_short || (got != AVERROR_EOF && got != AVERROR(EAGAIN)) ||
                (format->pb != nullptr && format->pb->error < 0 && format->pb->error != AVERROR_EOF);
    draining = true;
    avcodec_send_packet(codec.get(), nullptr);
    return;
  }
  ++packets;
  packet_pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
  const bool jpeg = codec->codec_id == AV_CODEC_ID_MJPEG;
  if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0 || (jpeg && is_cut_jpeg(*packet)) ||
      avcodec_send_packet(codec.get(), packet.get()) < 0)
    note_damage(packet_pts);
  av_packet_unref(packet.get());
}

void ClipReader::Impl::note_damage(std::int64_t pts) {
  damaged.insert(std::ranges::upper_bound(damaged, pts), pts);
}

/// Whether the last packet could not be decoded: the clip ends in it.
bool ClipReader::Impl::ends_damaged() const {
  return draining && std::ranges::binary_search(damaged, packet_pts);
}

/// Leaves the next whole frame in `frame`.
Result<void> ClipReader::Impl::decode_next() {
  for (;;) {
    const int code = avcodec_receive_frame(codec.get(), frame.get());
    if (code == 0) {
      if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) {
        note_damage(frame->best_effort_timestamp);
        continue;
      }
      // Shown after the one in which the clip ends, though decoded before it: what lies between is not known.
      if (packet_pts != AV_NOPTS_VALUE && frame->best_effort_timestamp > packet_pts && ends_damaged()) continue;
      return {};
    }
    if (code == AVERROR_EOF) return end();
    if (code != AVERROR(EAGAIN)) note_damage(packet_pts);
    if (draining) return end();
    feed();
  }
}

/// The frame as RGB, upright and with square pixels.
Result<void> ClipReader::Impl::convert(image::Picture& out) {
  frame->sample_aspect_ratio = av_guess_sample_aspect_ratio(format.get(), format->streams[stream], frame.get());
  if (orientation == image::Orientation::upright) return converter.convert(*frame, out);
  PERCH_CHECK(converter.convert(*frame, stored));
  turn_upright(stored, orientation, out);
  return {};
}

std::int64_t ClipReader::Impl::damaged_before(std::int64_t pts) const {
  const std::int64_t in_this_part = pts == AV_NOPTS_VALUE ? static_cast<std::int64_t>(damaged.size())
                                                          : std::ranges::lower_bound(damaged, pts) - damaged.begin();
  return damaged_in_parts_before + in_this_part;
}

tl::unexpected<Error> ClipReader::Impl::end() {
  const bool broken_off = cut_short || ends_damaged() || packets < packets_indexed;
  const std::int64_t damaged_earlier = damaged_before(ends_damaged() ? packet_pts : AV_NOPTS_VALUE);
  const std::int64_t all_damaged = damaged_before(AV_NOPTS_VALUE);
  if (decoded == 0 && (!broken_off || all_damaged > 1))
    ended = Error{Errc::invalid, "none of its frames can be decoded", where, "check that it plays elsewhere"};
  else if (broken_off)
    ended = Error{Errc::invalid,
                  fmt::format("ends in the middle of frame {}{}", decoded + damaged_earlier,
                              packets_indexed > 0 ? fmt::format(" of {}", packets_indexed) : std::string()),
                  where,
                  damaged_earlier == 0 ? "the frames before it are whole; fetch the clip again for the rest"
                                       : "frames before it are damaged as well; fetch the clip again"};
  else if (all_damaged > 0)
    ended = Error{Errc::invalid, fmt::format("{} of its frames damaged and left out", all_damaged), where,
                  "fetch the clip again for them"};
  else
    ended = Error{Errc::eof, "end of the clip", where, {}};
  return fail(*ended);
}

/// Recordings put one behind the other begin their time stamps anew: this one goes on where the last ended.
void ClipReader::Impl::join(std::int64_t pts) {
  constexpr double kJumpsBack_s = 0.5;  // frames come in the order of their time stamps, but for rounding
  const bool begins_anew = pts != AV_NOPTS_VALUE && last_pts != AV_NOPTS_VALUE &&
                           static_cast<double>(last_pts - pts) * av_q2d(time_base) > kJumpsBack_s;
  if (pts != AV_NOPTS_VALUE) last_pts = pts;
  if (!begins_anew) return;
  const double frame_s = info.frames_per_s > 0 ? 1 / info.frames_per_s : 0;
  first_pts = pts - std::llround((last_t_s + frame_s) / av_q2d(time_base));
  damaged_in_parts_before += static_cast<std::int64_t>(damaged.size());
  damaged.clear();
}

/// The place of the frame just decoded.
ClipFrame ClipReader::Impl::place() {
  const std::int64_t pts = frame->best_effort_timestamp;
  join(pts);
  const std::int64_t index = decoded++ + damaged_before(pts);
  double t_s = info.frames_per_s > 0 ? static_cast<double>(index) / info.frames_per_s : static_cast<double>(index);
  if (pts != AV_NOPTS_VALUE) {
    if (first_pts == AV_NOPTS_VALUE) first_pts = pts;
    t_s = static_cast<double>(pts - first_pts) * av_q2d(time_base);
  }
  last_t_s = std::max(last_t_s, t_s);
  return {index, last_t_s};
}

ClipReader::ClipReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ClipReader::~ClipReader() = default;
ClipReader::ClipReader(ClipReader&&) noexcept = default;
ClipReader& ClipReader::operator=(ClipReader&&) noexcept = default;

Result<ClipReader> ClipReader::open(const std::filesystem::path& path) {
  if (const auto ffmpeg = open_ffmpeg(); !ffmpeg) return fail(ffmpeg.error().at(path.string()));
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(Errc::invalid, "is a folder, not a clip", path.string());
  if (std::filesystem::is_regular_file(path, ignored) && std::filesystem::file_size(path, ignored) == 0)
    return fail(Errc::invalid, "no clip: the file is empty", path.string());
  auto impl = std::make_unique<Impl>();
  impl->where = path.string();
  PERCH_CHECK(impl->open());
  return ClipReader(std::move(impl));
}

const ClipInfo& ClipReader::info() const {
  return impl_->info;
}

Result<ClipFrame> ClipReader::next(image::Picture& out, double from_s, const std::atomic<bool>* stop) {
  if (impl_->ended) return fail(*impl_->ended);
  for (;;) {
    if (stop && *stop) return fail(Errc::canceled, "stopped", impl_->where);
    PERCH_CHECK(impl_->decode_next());
    const ClipFrame place = impl_->place();
    if (place.t_s < from_s) continue;
    if (auto converted = impl_->convert(out); !converted) {
      impl_->ended = converted.error().at(impl_->where);
      return fail(*impl_->ended);
    }
    return place;
  }
}

}  // namespace perch::video
