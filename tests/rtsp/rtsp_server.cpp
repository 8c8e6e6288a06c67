// An RTSP server for tests, on GStreamer:   perch_rtsp_server PORT WIDTH HEIGHT [USER PASSWORD]
// Serves a moving test picture at 15 frames a second on 127.0.0.1: /live as H.264 with a key frame each second, /jpeg
// as JPEG. PORT 0: a free one. Prints the port once it listens, and runs until it is killed or whoever started it ends.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gst/rtsp-server/rtsp-server.h>
#include <signal.h>
#include <sys/prctl.h>

namespace {

/// Only what is needed, instead of a search through all that is installed.
constexpr std::array kPlugins{"coreelements", "videotestsrc", "videoconvertscale", "openh264", "videoparsersbad",
                              "jpeg",         "rtp",          "rtpmanager",        "rtsp",     "udp",
                              "tcp",          "app"};

void load_plugins() {
  for (const char* name : kPlugins) {
    const std::string path = std::string(PERCH_GST_PLUGINS) + "/libgst" + name + ".so";
    GError* error = nullptr;
    if (gst_plugin_load_file(path.c_str(), &error) == nullptr) {
      std::fprintf(stderr, "cannot load %s: %s\n", path.c_str(), error ? error->message : "?");
      std::exit(1);
    }
  }
}

void mount(GstRTSPServer* server, const char* path, const std::string& pipeline, bool locked) {
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, pipeline.c_str());
  gst_rtsp_media_factory_set_shared(factory, TRUE);
  if (locked)
    gst_rtsp_media_factory_add_role(factory, "user", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  gst_rtsp_mount_points_add_factory(mounts, path, factory);
  g_object_unref(mounts);
}

void lock(GstRTSPServer* server, const char* user, const char* password) {
  GstRTSPAuth* auth = gst_rtsp_auth_new();
  GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "user", nullptr);
  gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_add_digest(auth, user, password, token);
  gst_rtsp_server_set_auth(server, auth);
  gst_rtsp_token_unref(token);
  g_object_unref(auth);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 6) return 2;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "", 1);
  ::setenv("GST_REGISTRY_DISABLE", "yes", 1);
  gst_init(nullptr, nullptr);
  load_plugins();

  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, argv[1]);
  const bool locked = argc == 6;
  if (locked) lock(server, argv[4], argv[5]);
  const std::string source = std::string("videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=") +
                             argv[2] + ",height=" + argv[3] + ",framerate=15/1 ! ";
  mount(server, "/live",
        "( " + source + "openh264enc gop-size=15 complexity=low ! h264parse ! rtph264pay name=pay0 pt=96 )", locked);
  mount(server, "/jpeg", "( " + source + "jpegenc ! rtpjpegpay name=pay0 pt=26 )", locked);
  if (gst_rtsp_server_attach(server, nullptr) == 0) {
    std::fprintf(stderr, "cannot listen on port %s\n", argv[1]);
    return 1;
  }
  std::printf("port %d\n", gst_rtsp_server_get_bound_port(server));
  std::fflush(stdout);
  g_main_loop_run(g_main_loop_new(nullptr, FALSE));
}
