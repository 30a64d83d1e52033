#include "baselines/profile_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "baselines/base64.h"
#include "baselines/build/profile_builder.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

Profile SmallProfile() {
  std::string text = "n,c,empty,constant,label,prediction,score\n";
  for (int i = 0; i < 500; ++i) {
    text += std::to_string(i * 0.37) + (i % 3 == 0 ? ",a" : ",b\xff") + std::string(i % 50 == 0 ? "x" : "") + ",,7," +
            (i % 4 == 0 ? "yes," : "no,") + (i % 5 == 0 ? "yes," : "no,") + (i % 4 == 0 ? "0.9" : "0.2") + "\n";
  }
  const TemporaryFile csv(text);
  BuildOptions options;
  options.created = "2013-05-11T17:00:00Z";
  options.model = "small";
  options.numeric = {"empty"};
  return BuildProfile(csv.path(), options);
}

std::string ErrorOf(const std::string& json) {
  try {
    ProfileFromJson(json, "f.json");
  } catch (const ProfileError& error) {
    return error.what();
  }
  return "no error";
}

std::string Bytes(const ProfileColumn& column) {
  detectors::Encoder out;
  column.summary.shape().Encode(out);
  column.summary.Encode(out);
  return out.Take();
}

TEST(ProfileFile, KeepsEverything) {
  const Profile before = SmallProfile();
  const Profile after = ProfileFromJson(ProfileToJson(before), "f.json");
  EXPECT_EQ(after.model, "small");
  EXPECT_TRUE(after.model_given);
  EXPECT_EQ(after.created, before.created);
  EXPECT_EQ(after.source, before.source);
  EXPECT_EQ(after.rows, 500u);
  EXPECT_EQ(after.task, Task::kBinary);
  EXPECT_EQ(after.positive, "yes");
  EXPECT_EQ(after.assumptions, before.assumptions);
  EXPECT_EQ(after.missing_texts, before.missing_texts);
  EXPECT_EQ(after.digest, before.digest);
  EXPECT_EQ(Digest(after), before.digest) << "bins and counts are the same to the bit";
  ASSERT_EQ(after.features.size(), before.features.size());
  for (std::size_t i = 0; i < after.features.size(); ++i) {
    EXPECT_EQ(after.features[i].name, before.features[i].name);
    EXPECT_EQ(after.features[i].inferred, before.features[i].inferred);
    EXPECT_EQ(after.features[i].why, before.features[i].why);
    EXPECT_EQ(after.features[i].distinct, before.features[i].distinct);
    EXPECT_EQ(Bytes(after.features[i]), Bytes(before.features[i]));
  }
  EXPECT_EQ(after.Find("n")->q50, before.Find("n")->q50);
  ASSERT_TRUE(after.prediction && after.score && after.label);
  EXPECT_EQ(Bytes(*after.score), Bytes(*before.score));
  EXPECT_EQ(ProfileToJson(after), ProfileToJson(before));
}

TEST(ProfileFile, ReformattingIsNoDamage) {
  const std::string json = ProfileToJson(SmallProfile());
  EXPECT_EQ(ErrorOf(nlohmann::json::parse(json).dump()), "no error");
}

TEST(ProfileFile, SaysWhatIsWrong) {
  const std::string json = ProfileToJson(SmallProfile());
  EXPECT_NE(ErrorOf(json.substr(0, json.size() / 2)).find("f.json: not JSON, or cut short"), std::string::npos);
  EXPECT_NE(ErrorOf("").find("not JSON"), std::string::npos);
  EXPECT_NE(ErrorOf("[]").find("no baseline"), std::string::npos);
  EXPECT_NE(ErrorOf("{\"a\":1}").find("no baseline"), std::string::npos);
  nlohmann::json changed = nlohmann::json::parse(json);
  changed["rows"] = 501;
  EXPECT_NE(ErrorOf(changed.dump()).find("checksum"), std::string::npos);
  changed = nlohmann::json::parse(json);
  changed.erase("checksum");
  EXPECT_NE(ErrorOf(changed.dump()).find("checksum"), std::string::npos);
  changed["format"] = 99;
  EXPECT_NE(ErrorOf(changed.dump()).find("format 99 is newer"), std::string::npos);
}

TEST(ProfileFile, SurvivesDamageUnderAGoodChecksum) {
  const std::string json = ProfileToJson(SmallProfile());
  for (const char* key : {"features", "model", "task", "columns", "ignored", "digest", "score"}) {
    nlohmann::json changed = nlohmann::json::parse(json);
    changed.erase(key);
    changed.erase("checksum");
    changed["checksum"] = Hex128(changed.dump());
    EXPECT_NE(ErrorOf(changed.dump()).find("damaged"), std::string::npos) << key;
    changed[key] = 3;
    changed.erase("checksum");
    changed["checksum"] = Hex128(changed.dump());
    EXPECT_NE(ErrorOf(changed.dump()).find("damaged"), std::string::npos) << key;
  }
  const std::string exact = nlohmann::json::parse(json)["features"][0]["exact"];
  for (std::size_t at = 0; at < exact.size(); at += 7) {
    nlohmann::json changed = nlohmann::json::parse(json);
    std::string damaged = exact;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    changed["features"][0]["exact"] = damaged.substr(0, at % 2 == 0 ? damaged.size() : at);
    changed.erase("checksum");
    changed["checksum"] = Hex128(changed.dump());
    ErrorOf(changed.dump());  // an error or another profile, never a crash
  }
}

TEST(ProfileFile, ReplacesTheFile) {
  const TemporaryFile file("old", ".json");
  WriteProfile(SmallProfile(), file.path());
  EXPECT_EQ(ReadProfile(file.path()).model, "small");
  for (const auto& entry : std::filesystem::directory_iterator(file.path().parent_path())) {
    EXPECT_EQ(entry.path().string().find(file.path().filename().string() + ".tmp"), std::string::npos);
  }
  EXPECT_THROW(WriteProfile(SmallProfile(), "/nonexistent/f.json"), ProfileError);
  try {
    ReadProfile("/nonexistent/f.json");
    FAIL();
  } catch (const ProfileError& error) {
    EXPECT_NE(std::string(error.what()).find("monitorctl baseline build"), std::string::npos);
  }
}

TEST(Base64, IsRfc4648) {
  const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v!A==", "Zg==Zg=="})
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace baselines
