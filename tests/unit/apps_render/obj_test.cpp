// SPDX-License-Identifier: Apache-2.0
#include "apps/render/obj.hpp"

#include <gtest/gtest.h>

#include <string>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

const std::string kTriangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";

Scene parse(const std::string& text, const std::string& library = "newmtl red\nKd 1 0 0\n") {
  return parse_obj(text, "s.obj", [&](const std::string& name) -> std::string {
    if (name != "m.mtl") throw Error(name, "cannot be opened");
    return library;
  });
}

std::string error_of(const std::string& text, const std::string& library = "newmtl red\n") {
  try {
    parse(text, library);
  } catch (const Error& error) {
    return error.place() + "|" + error.reason();
  }
  return "no error";
}

TEST(Obj, ReadsFacesAsFansWithAllIndexForms) {
  const Scene scene = parse(
      "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 2\nvt 0 0\n"
      "f 1//1 2//1 3//1 4//1\nf -4/1/1 -3/1/1 -2/1/1\nf 1/1 2/1 3/1\n"
      "f 1 \\\n 2 3 # comment\n");
  ASSERT_EQ(scene.triangles.size(), 5u);
  EXPECT_EQ(scene.triangles[1].position, (std::array<std::uint32_t, 3>{0, 2, 3}));
  EXPECT_EQ(scene.triangles[2].position, (std::array<std::uint32_t, 3>{0, 1, 2}));
  EXPECT_EQ(scene.triangles[2].normal, (std::array<std::int32_t, 3>{0, 0, 0}));
  EXPECT_EQ(scene.triangles[3].normal[0], -1);
  EXPECT_EQ(scene.normals[0], (Vec3{0, 0, 1}));
}

TEST(Obj, ReadsMaterials) {
  const Scene scene = parse("mtllib m.mtl\n" + kTriangle + "usemtl red\nf 1 2 3\n",
                            "# a\nnewmtl red\nKd 0.5 0.25 0\nKs 1 1 1\nNs 98\nKe 3 2 1\nd 0.1\n"
                            "Ni 1.33\nmap_Kd wood.png\n");
  ASSERT_EQ(scene.triangles[0].material, 1u);
  const Material& red = scene.materials[1];
  EXPECT_FLOAT_EQ(red.roughness, std::sqrt(0.02f));
  EXPECT_TRUE(red.glass);
  EXPECT_FLOAT_EQ(red.index, 1.33f);
  EXPECT_EQ(red.emission, (Vec3{3, 2, 1}));
  EXPECT_FLOAT_EQ(red.diffuse.x + red.specular.x, 1);  // more than all light is scaled down
  EXPECT_EQ(scene.ignored_maps, 1u);
  EXPECT_FALSE(scene.sky.given);
}

TEST(Obj, GivesCameraAndSkyWhereTheFileHasNone) {
  const Scene scene = parse(kTriangle + "f 1 2 3\n");
  EXPECT_TRUE(scene.sky.given);
  EXPECT_GT(length(scene.camera.eye - scene.camera.target), 0);
  const Scene placed =
      parse("#pel camera 1 2 3 0 0 0 40 0.1 5\n#pel sky 1 1 1 2 2 2\n" + kTriangle + "f 1 2 3\n");
  EXPECT_EQ(placed.camera.eye, (Vec3{1, 2, 3}));
  EXPECT_EQ(placed.sky.horizon, (Vec3{2, 2, 2}));
}

TEST(Obj, NamesTheLineOfABadOne) {
  EXPECT_EQ(error_of(""), "s.obj|no face with an area");
  EXPECT_EQ(error_of(kTriangle), "s.obj|no face with an area");
  EXPECT_EQ(error_of("v 1 2\n"), "s.obj:1|too few numbers for v");
  EXPECT_EQ(error_of("v 1 2 x\n"), "s.obj:1|expected a number for v, found 'x'");
  EXPECT_EQ(error_of("v 1 2 nan\n"), "s.obj:1|number 'nan' for v is out of range");
  EXPECT_EQ(error_of("v 1 inf 2\n"), "s.obj:1|number 'inf' for v is out of range");
  EXPECT_EQ(error_of("v 1 1e30 2\n"), "s.obj:1|number '1e30' for v is out of range");
  EXPECT_EQ(error_of("v 1 1e999 2\n"), "s.obj:1|number '1e999' for v is out of range");
  EXPECT_EQ(error_of(kTriangle + "f 1 2\n"), "s.obj:4|a face of 2 corners");
  EXPECT_EQ(error_of(kTriangle + "f 1 2 4\n"),
            "s.obj:4|vertex 4 is not there: so far the file has 3");
  EXPECT_EQ(error_of(kTriangle + "f 0 1 2\n"),
            "s.obj:4|vertex 0 is not there: so far the file has 3");
  EXPECT_EQ(error_of(kTriangle + "f -4 1 2\n"),
            "s.obj:4|vertex -4 is not there: so far the file has 3");
  EXPECT_EQ(error_of(kTriangle + "f 1 2 99999999999999999999\n"),
            "s.obj:4|vertex 99999999999999999999 is not there: so far the file has 3");
  EXPECT_EQ(error_of(kTriangle + "f 1//1 2//1 3//1\n"),
            "s.obj:4|normal 1 is not there: so far the file has 0");
  EXPECT_EQ(error_of(kTriangle + "f 1 2 a\n"), "s.obj:4|expected the index of a vertex, found 'a'");
  EXPECT_EQ(error_of("\nusemtl blue\n"), "s.obj:2|material 'blue' is in no library read so far");
  EXPECT_EQ(error_of("mtllib other.mtl\n"),
            "s.obj:1|material library 'other.mtl': cannot be opened");
  EXPECT_EQ(error_of("mtllib m.mtl\n", "newmtl a\nKd 1 1\n"), "m.mtl:2|too few numbers for Kd");
  EXPECT_EQ(error_of("mtllib m.mtl\n", "Kd 1 1 1\n"), "m.mtl:1|'Kd' before the first newmtl");
  EXPECT_EQ(error_of("#pel camera 0 0 0 0 0 0 40 0 0\n"), "s.obj:1|a camera that sees nothing");
  EXPECT_EQ(error_of("#pel lens\n"), "s.obj:1|unknown directive 'lens'");
}

TEST(Obj, RefusesOtherFormats) {
  EXPECT_EQ(error_of("solid cube\nfacet normal\n"), "s.obj:1|unknown keyword 'solid'");
  EXPECT_EQ(error_of("{\"asset\": 1}\n"), "s.obj:1|unknown keyword '{\"asset\":'");
  EXPECT_EQ(error_of(std::string("v 1 2 3\n\0\1\2", 11)), "s.obj:2|binary data");
  EXPECT_EQ(error_of("\x89PNG\r\n\x1a\n"), "s.obj:1|unknown keyword '?PNG'");
}

TEST(Obj, FlatFacesAndHugeCoordinatesAreNoTrouble) {
  EXPECT_EQ(error_of("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n"), "s.obj|no face with an area");
  EXPECT_EQ(parse("v 0 0 0\nv 1e9 0 0\nv 0 1e9 0\nf 1 2 3\nf 1 1 2\n").triangles.size(), 1u);
  EXPECT_EQ(parse("v 0 0 0\nv 1e-60 1 0\nv 0 0 1\nf 1 2 3\n").triangles.size(), 1u);
}

TEST(Obj, EveryCutOfAFileIsReadOrRefused) {
  const std::string text =
      "mtllib m.mtl\n" + kTriangle + "vn 0 0 1\nusemtl red\nf 1//1 2//1 3//1\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    try {
      EXPECT_EQ(parse(text.substr(0, length)).triangles.size(), 1u);
    } catch (const Error& error) {
      EXPECT_TRUE(error.place().starts_with("s.obj")) << error.what();
    }
  }
}

TEST(Obj, BundledSceneIsReadable) {
  const Scene scene =
      parse_obj(stage_obj(), "stage.obj", [](const std::string&) { return stage_library(); });
  EXPECT_GT(scene.triangles.size(), 10'000u);
  EXPECT_TRUE(scene.has_light());
  EXPECT_TRUE(scene.camera_given);
}

}  // namespace
}  // namespace pel::apps
