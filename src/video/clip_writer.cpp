#include "video/clip_writer.hpp"

#include "video/ffmpeg_impl.hpp"

namespace perch::video {

namespace {

struct FreeOutput {
  void operator()(AVFormatContext* format) const {
    avio_closep(&format->pb);
    avformat_free_context(format);
  }
};

}  // namespace

struct ClipWriter::Impl {
  std::string path;
  std::unique_ptr<AVFormatContext, FreeOutput> format;
  AVStream* stream = nullptr;
  AVRational frame_time{};
  std::int64_t frames = 0;
};

ClipWriter::ClipWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ClipWriter::~ClipWriter() = default;
ClipWriter::ClipWriter(ClipWriter&&) noexcept = default;
ClipWriter& ClipWriter::operator=(ClipWriter&&) noexcept = default;

Result<ClipWriter> ClipWriter::create(const std::filesystem::path& path, image::Size size, int frames_per_s) {
  if (const auto ffmpeg = open_ffmpeg(); !ffmpeg) return fail(ffmpeg.error().at(path.string()));
  auto impl = std::make_unique<Impl>();
  impl->path = path.string();
  AVFormatContext* format = nullptr;
  if (avformat_alloc_output_context2(&format, nullptr, "avi", impl->path.c_str()) < 0)
    return fail(Errc::internal, "FFmpeg cannot write AVI", impl->path);
  impl->format.reset(format);
  impl->stream = avformat_new_stream(format, nullptr);
  if (!impl->stream) return fail(Errc::internal, "FFmpeg cannot begin a stream", impl->path);
  impl->frame_time = {1, frames_per_s};
  impl->stream->time_base = impl->frame_time;
  impl->stream->avg_frame_rate = {frames_per_s, 1};
  impl->stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
  impl->stream->codecpar->codec_id = AV_CODEC_ID_MJPEG;
  impl->stream->codecpar->width = size.width;
  impl->stream->codecpar->height = size.height;
  impl->stream->codecpar->format = AV_PIX_FMT_YUVJ420P;
  if (avio_open(&format->pb, ("file:" + impl->path).c_str(), AVIO_FLAG_WRITE) < 0)
    return fail(Errc::io, "cannot write the clip", impl->path, "check the folder and its permissions");
  if (avformat_write_header(format, nullptr) < 0) return fail(Errc::io, "cannot begin the clip", impl->path);
  return ClipWriter(std::move(impl));
}

Result<void> ClipWriter::add(ByteView jpeg) {
  const PacketPtr packet(av_packet_alloc());
  if (!packet || av_new_packet(packet.get(), static_cast<int>(jpeg.size())) < 0)
    return fail(Errc::internal, "FFmpeg has no memory for a frame", impl_->path);
  std::ranges::copy(jpeg, packet->data);
  packet->stream_index = impl_->stream->index;
  packet->flags |= AV_PKT_FLAG_KEY;
  packet->pts = packet->dts = impl_->frames++;
  packet->duration = 1;
  av_packet_rescale_ts(packet.get(), impl_->frame_time, impl_->stream->time_base);
  if (av_write_frame(impl_->format.get(), packet.get()) < 0)
    return fail(Errc::io, "cannot write to the clip", impl_->path, "is the disk full?");
  return {};
}

Result<void> ClipWriter::finish() {
  if (av_write_trailer(impl_->format.get()) < 0)
    return fail(Errc::io, "cannot finish the clip", impl_->path, "is the disk full?");
  return {};
}

}  // namespace perch::video
