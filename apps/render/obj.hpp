// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/render/scene.hpp"

namespace pel::apps {

// The text of a material library named in an OBJ file; throws pel::Error if there is none.
using LibraryReader = std::function<std::string(const std::string& name)>;

// Reads a Wavefront OBJ: v, vn, f (polygons as fans, negative indices), usemtl, mtllib; of a
// material Kd Ks Ke Tf Ns Ni d Tr illum and Pr; everything else of the format is skipped, texture
// maps are counted. Comments may say what the format cannot:
//   #pel camera EYE(3) TARGET(3) DEGREES APERTURE FOCUS
//   #pel sky ZENITH(3) HORIZON(3)
// Without a camera one is put before the scene; without light a sky is put over it. Linear time;
// counts in the file are never trusted. Throws pel::Error with place "origin:line" on a bad number
// (not finite, beyond 1e9), index, keyword without its arguments, binary data, a line cut at the
// file's end, and with place "origin" where there is no triangle with an area.
Scene parse_obj(std::string_view text, const std::string& origin, const LibraryReader& library);

// The bundled scene, written by this program: a gilded knot, a glass ball and a vase amid a spiral
// of glazed beads. `stage_library` is what its "mtllib stage.mtl" names. Both are own work, the
// same text from every build.
std::string stage_obj();
std::string stage_library();

}  // namespace pel::apps
