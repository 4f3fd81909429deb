#include "daemon/picture/svg_png.h"

#include <cairo.h>
#include <librsvg/rsvg.h>

#include <cmath>
#include <memory>
#include <stdexcept>

namespace dinsd {
namespace {

struct Release {
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

[[noreturn]] void Fail(GError* error) {
  const std::string why = error != nullptr ? error->message : "no reason given";
  g_clear_error(&error);
  throw std::runtime_error("the picture cannot be drawn: " + why);
}

cairo_status_t Append(void* png, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(png)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::string PngOfSvg(const std::string& svg, int width) {
  GError* error = nullptr;
  const std::unique_ptr<RsvgHandle, Release> handle(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  if (!handle) Fail(error);
  RsvgRectangle box{};
  gboolean has_box = FALSE;
  rsvg_handle_get_intrinsic_dimensions(handle.get(), nullptr, nullptr, nullptr, nullptr, &has_box, &box);
  if (has_box == FALSE || box.width <= 0) throw std::runtime_error("the picture cannot be drawn: it has no viewBox");
  const int height = static_cast<int>(std::lround(width * box.height / box.width));
  const std::unique_ptr<cairo_surface_t, Release> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  const std::unique_ptr<cairo_t, Release> context(cairo_create(surface.get()));
  cairo_set_source_rgb(context.get(), 1, 1, 1);
  cairo_paint(context.get());
  const RsvgRectangle whole{0, 0, static_cast<double>(width), static_cast<double>(height)};
  if (rsvg_handle_render_document(handle.get(), context.get(), &whole, &error) == FALSE) Fail(error);
  std::string png;
  if (cairo_surface_write_to_png_stream(surface.get(), Append, &png) != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error("the picture cannot be written as PNG");
  return png;
}

}  // namespace dinsd
